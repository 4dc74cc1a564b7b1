/*
 * The page of a report. Its data is JSON in the element #report. Everything in it may come from whoever sent packets to the gateway, so that text goes into the
 * page as text and in no other way.
 */
(() => {
  'use strict';
  const report = JSON.parse(document.getElementById('report').textContent);
  const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'];
  const AT_ONCE = 20;

  /** Control bytes and marks that turn the writing direction are shown, not obeyed. */
  const visible = (value) =>
    String(value).replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (c) =>
      c === '\n' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

  function el(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    for (const child of children.flat(9)) {
      if (child === undefined || child === null || child === '' || child === false) continue;
      element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
    }
    return element;
  }

  const told = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
  const number = (count) => (count === 0 ? '–' : told(count));
  const plural = (count, one) => `${told(count)} ${one}${count === 1 ? '' : 's'}`;
  const time = (iso) => (iso ? iso.slice(0, 19).replace('T', ' ') : '–');
  const span = (from, to) =>
    time(from) === time(to)
      ? time(from)
      : `${time(from)} to ${time(from).slice(0, 10) === time(to).slice(0, 10) ? time(to).slice(11) : time(to)}`;
  const badge = (level) => el('span', { class: `level ${level}` }, level);
  const duration = (seconds) => {
    const units = [
      ['d', 86400],
      ['h', 3600],
      ['m', 60],
      ['s', 1],
    ];
    const first = units.findIndex(([, unit]) => seconds >= unit);
    if (first < 0) return `${seconds} s`;
    let rest = seconds;
    return units
      .slice(first, first + 2)
      .map(([name, unit]) => {
        const amount = Math.floor(rest / unit);
        rest -= amount * unit;
        return amount ? `${amount} ${name}` : '';
      })
      .filter(Boolean)
      .join(' ');
  };
  const between = (one) =>
    one ? (one.least === one.greatest ? duration(one.least) : `${duration(one.least)} to ${duration(one.greatest)}`) : '–';

  /** What is inside is made when it is opened first. */
  function fold(summary, make, attributes) {
    const inside = el('div', { class: 'inside' });
    const details = el('details', attributes, el('summary', {}, summary), inside);
    details.addEventListener('toggle', () => {
      if (details.open && !inside.hasChildNodes()) inside.append(...[make()].flat());
    });
    return details;
  }

  /** Shows some of many, and more on demand: ten thousand findings must not freeze anything. */
  function some(items, draw, what) {
    const list = el('div', {});
    let shown = 0;
    const button = el('button', { type: 'button', onclick: () => more() });
    const more = () => {
      list.append(...items.slice(shown, shown + AT_ONCE).map(draw));
      shown = Math.min(items.length, shown + AT_ONCE);
      button.textContent = `Show more ${what} (${number(items.length - shown)} left)`;
      button.hidden = shown >= items.length;
    };
    more();
    return [list, button];
  }

  function table(columns, rows, what) {
    const body = el('tbody', {});
    let shown = 0;
    const button = el('button', { type: 'button', onclick: () => more() });
    const more = () => {
      for (const row of rows.slice(shown, shown + 50))
        body.append(
          el(
            'tr',
            {},
            row.map((cell, index) => el('td', { class: columns[index][1] }, cell)),
          ),
        );
      shown = Math.min(rows.length, shown + 50);
      button.textContent = `Show more ${what} (${number(rows.length - shown)} left)`;
      button.hidden = shown >= rows.length;
    };
    more();
    return [
      el(
        'div',
        { class: 'scroll' },
        el(
          'table',
          {},
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              columns.map(([title, kind]) => el('th', { class: kind, scope: 'col' }, title)),
            ),
          ),
          body,
        ),
      ),
      button,
    ];
  }

  const records = (evidence) =>
    evidence.length
      ? el('pre', {}, evidence.map(({ file, line, record }) => `${short(file)}:${line}  ${record}`).join('\n'))
      : undefined;

  /** @returns the file's name, without its folder where that leaves no doubt */
  const short = (file) => (report.files.filter((other) => base(other) === base(file)).length > 1 ? file : base(file));
  const base = (file) => file.replace(/^.*[\\/]/, '');

  // What is there

  const NAMES = { peer_ip: 'peer', user_identity: 'identity', peer_id: 'identity', host: 'gateway', sa_id: 'SA' };
  const groupOf = ({ group }) =>
    Object.entries(group)
      .map(([field, value]) => `${NAMES[field] ?? field.replaceAll('_', ' ')} ${value}`)
      .join(', ') || 'the whole log';

  function finding(one, kind) {
    const summary = [
      el('strong', {}, groupOf(one)),
      ` ${plural(one.count, 'time')}, ${span(one.first_seen, one.last_seen)} `,
      el('span', { class: 'soft mono' }, one.id.slice(0, 8)),
    ];
    return fold(
      summary,
      () => {
        const answered = kind.guards.map((guard, index) => [guard, one.answers[index]]).filter(([, answer]) => answer);
        return [
          el('p', {}, one.sure),
          one.values ? el('p', {}, `Values: ${one.values.slice(0, 50).join(', ')}`) : '',
          ...(one.measured ?? []).map((text) => el('p', {}, text)),
          one.related
            ? el(
                'p',
                {},
                'Of the same records: ',
                one.related.map(({ id, detection }, index) => [
                  index ? ', ' : '',
                  el('a', { href: `#finding-${id}` }, `${detection} ${id.slice(0, 8)}`),
                ]),
              )
            : '',
          records(one.evidence),
          one.count > one.evidence.length
            ? el(
                'p',
                { class: 'soft' },
                `${plural(one.evidence.length, 'record')} of ${number(one.count)} are shown; "ikeaudit evidence" writes all.`,
              )
            : '',
          answered.length
            ? el(
                'ul',
                {},
                answered.map(([guard, { answer, because }]) =>
                  el(
                    'li',
                    {},
                    guard.ask,
                    ' ',
                    el('strong', {}, answer === 'unknown' ? 'not known' : answer),
                    '. ',
                    because,
                    answer === (guard.if === 'no' ? 'no' : 'yes') ? ` ${guard.then}` : '',
                  ),
                ),
              )
            : '',
          fold('Pivots', () =>
            table(
              [['field'], ['values']],
              Object.entries(one.pivots).map(([field, values]) => [field, [values].flat().join(', ')]),
              'fields',
            ),
          ),
        ].filter((part) => part);
      },
      { class: 'finding', id: `finding-${one.id}` },
    );
  }

  function kindCard(name, found) {
    const kind = report.kinds[name];
    const asked = kind.guards.filter((_, index) => !found.some(({ answers }) => answers[index]));
    return el(
      'section',
      { class: 'card', 'data-kind': name },
      el('h3', {}, badge(kind.level), ' ', kind.title, ' ', el('span', { class: 'soft mono' }, name)),
      el('p', {}, kind.description),
      some(found, (one) => finding(one, kind), 'findings'),
      fold(`What to do: ${kind.playbook}`, () =>
        [
          el(
            'ol',
            {},
            kind.steps.map(({ do: step, guarded }) =>
              el('li', {}, step, guarded ? el('em', { class: 'soft' }, ' (ask the guards first)') : ''),
            ),
          ),
          asked.length ? el('p', {}, 'Ask before anything is blocked:') : '',
          asked.length
            ? el(
                'ul',
                {},
                asked.map((guard) => el('li', {}, `${guard.ask} If ${guard.if}: ${guard.then}`)),
              )
            : '',
          kind.false_positives.length ? el('p', { class: 'soft' }, `Harmless causes: ${kind.false_positives.join(' ')}`) : '',
          el('p', { class: 'soft' }, `Not caught: ${kind.misses}`),
          kind.attack.length ? el('p', { class: 'soft' }, `ATT&CK: ${kind.attack.join(', ')}`) : '',
        ].filter((part) => part),
      ),
    );
  }

  function findings() {
    const list = el('div', { id: 'findings-list', 'aria-live': 'polite' });
    const chosen = new Set(LEVELS);
    const search = el('input', {
      type: 'search',
      id: 'filter',
      placeholder: 'Filter by peer, identity, detection …  ( / )',
      'aria-label': 'Filter findings',
      oninput: () => later(),
    });
    const count = el('span', { class: 'soft', id: 'count' });
    let timer;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(draw, 120);
    };
    const texts = report.findings.map((one) =>
      `${one.detection} ${report.kinds[one.detection].title} ${groupOf(one)} ${one.id} ${(one.values ?? []).join(' ')}`.toLowerCase(),
    );
    function draw() {
      const wanted = search.value.trim().toLowerCase();
      const kept = report.findings.filter(
        (one, index) => chosen.has(report.kinds[one.detection].level) && texts[index].includes(wanted),
      );
      const kinds = new Map();
      for (const one of kept) {
        if (!kinds.has(one.detection)) kinds.set(one.detection, []);
        kinds.get(one.detection).push(one);
      }
      list.replaceChildren(...[...kinds].map(([name, found]) => kindCard(name, found)));
      count.textContent = `${told(kept.length)} of ${told(report.findings.length)}`;
    }
    const boxes = LEVELS.filter((level) => report.findings.some(({ detection }) => report.kinds[detection].level === level)).map(
      (level) =>
        el(
          'label',
          {},
          el('input', {
            type: 'checkbox',
            checked: true,
            value: level,
            onchange: (event) => {
              if (event.target.checked) chosen.add(level);
              else chosen.delete(level);
              draw();
            },
          }),
          ' ',
          badge(level),
        ),
    );
    draw();
    return report.findings.length
      ? [el('div', { class: 'controls' }, search, boxes, count), list]
      : [el('p', {}, 'Nothing in this log meets the condition of a detection. What it cannot show stands below.')];
  }

  const setting = ({ where, set, note }) => [
    el('p', {}, el('strong', {}, where)),
    el('pre', {}, set),
    note ? el('p', { class: 'soft' }, note) : '',
  ];
  const advice = (one) =>
    el(
      'section',
      { class: 'card' },
      el(
        'h3',
        {},
        one.level === 'informational' ? '' : [badge(one.level), ' '],
        one.title,
        one.count === undefined ? '' : el('span', { class: 'soft' }, ` ${plural(one.count, 'record')}`),
      ),
      el('p', {}, one.says),
      one.seen ? el('p', { class: 'mono' }, one.seen.map(({ value, count }) => `${value} (${number(count)})`).join(', ')) : '',
      records(one.evidence.slice(0, 1)),
      one.settings.map(setting),
    );

  const ANSWERS = { yes: 'good', partly: 'medium', no: 'high', unknown: 'informational' };
  const sections = [
    ['act', 'Act on first', findings],
    [
      'timeline',
      'Course',
      () => {
        const { moments, seconds } = report.timeline;
        if (!moments.length) return [];
        return [
          el('div', { class: 'chart', id: 'chart' }),
          el('p', { class: 'soft' }, `Each bar is ${duration(seconds)}; times are UTC.`),
          fold('As a table', () =>
            table(
              [['from'], ['begun', 'number'], ['failed', 'number'], ['established', 'number']],
              moments.map(({ from, initiated, failed, succeeded }) => [
                time(from),
                number(initiated),
                number(failed),
                number(succeeded),
              ]),
              'rows',
            ),
          ),
        ];
      },
    ],
    ['harden', 'Harden', () => report.hardening.map(advice)],
    [
      'limits',
      'What this log cannot show',
      () =>
        [
          ...report.limits.map(advice),
          report.blind_detections.length
            ? el(
                'p',
                {},
                `These detections stay silent, because no product of this log says what they look for: ${report.blind_detections.map(({ detection }) => detection).join(', ')}.`,
              )
            : '',
        ].filter((part) => part),
    ],
    [
      'peers',
      'Peers',
      () =>
        report.peers.length
          ? [
              ...table(
                [
                  ['peer'],
                  ['failed', 'number'],
                  ['succeeded', 'number'],
                  ['SAs', 'number'],
                  ['children', 'number'],
                  ['rekeys', 'number'],
                  ['deletes', 'number'],
                  ['last seen'],
                  ['identities'],
                ],
                report.peers.map((row) => [
                  row.peer_ip,
                  ...[row.auth_failed, row.auth_succeeded, row.established, row.child_established, row.rekeys, row.deletes].map(
                    number,
                  ),
                  time(row.last_seen),
                  row.identities.join(', '),
                ]),
                'peers',
              ),
              report.forgotten.peers
                ? el(
                    'p',
                    {},
                    `${plural(report.forgotten.peers, 'peer')} that came once had to make room and are not in the table.`,
                  )
                : '',
            ].filter((part) => part)
          : [],
    ],
    [
      'suites',
      `Algorithms, as profile ${report.profile} sees them`,
      () =>
        report.suites.length
          ? table(
              [['level'], ['for'], ['suite'], ['times', 'number'], ['peers', 'number'], ['why']],
              report.suites.map((suite) => [
                el('span', { class: { accepted: 'good', weak: 'medium', forbidden: 'high' }[suite.level] ?? '' }, suite.level),
                suite.protocol,
                suite.algorithms.map(({ name }) => name).join(' / '),
                number(suite.count),
                `${suite.peers.length}${suite.more_peers ? '+' : ''}`,
                suite.algorithms.flatMap(({ name, reason }) => (reason ? [`${name}: ${reason}`] : [])).join('; '),
              ]),
              'suites',
            )
          : [],
    ],
    [
      'lifetimes',
      'Lifetimes and rekeys',
      () =>
        report.lifetimes.length
          ? table(
              [
                ['connection'],
                ['SAs', 'number'],
                ['SA lives'],
                ['rekeyed in'],
                ['SA rekeys', 'number'],
                ['child rekeys', 'number'],
                ['every'],
              ],
              report.lifetimes.map((row) => [
                row.connection,
                number(row.established),
                between(row.lifetime),
                between(row.rekey_in),
                number(row.ike_rekeyed),
                number(row.child_rekeyed),
                between(row.child_rekey_interval),
              ]),
              'connections',
            )
          : [],
    ],
    [
      'certificates',
      'Certificates',
      () =>
        report.certificates.length
          ? table(
              [['subject'], ['issuer'], ['ends'], ['said of it'], ['peers']],
              report.certificates.map((row) => [
                row.subject,
                row.issuer ?? '',
                row.not_after ? row.not_after.slice(0, 10) : 'not told',
                row.states.join(', '),
                row.peers.join(', '),
              ]),
              'certificates',
            )
          : [],
    ],
    [
      'checklist',
      'Checklist',
      () =>
        table(
          [['question'], ['answer'], ['because']],
          report.checklist.map(({ question, answer, because }) => [
            question,
            el('strong', { class: ANSWERS[answer] }, answer),
            because,
          ]),
          'rows',
        ),
    ],
    [
      'reading',
      'How the log was read',
      () => [
        el(
          'ul',
          {},
          [
            `Files: ${report.files.join(', ')}`,
            `${plural(report.records.read, 'record')}: ${told(report.records.events)} events, ${told(report.records.ignored)} noise, ${told(report.records.unparsed)} not understood, ${told(report.records.other)} of other programs.`,
            report.assumed.zone ? `Times carry no zone and were read in ${report.zone}.` : '',
            report.assumed.year ? 'Times carry no year and were read as the latest that is not after tomorrow.' : '',
            report.forgotten.late
              ? `${plural(report.forgotten.late, 'record')} came later than the settings allow and were not counted.`
              : '',
            report.forgotten.timeless ? `${plural(report.forgotten.timeless, 'record')} had no time.` : '',
            report.forgotten.sas || report.forgotten.groups
              ? `${told(report.forgotten.sas)} SAs or addresses and ${told(report.forgotten.groups)} groups had to be forgotten for want of room.`
              : '',
            ...report.products.map(
              ({ title, records: all, joined }) =>
                `${title}: ${plural(all, 'event')}, of which ${told(joined)} got their peer from other records.`,
            ),
            ...report.unparsed.slice(0, 20).map(({ count, message }) => `Not understood, ${plural(count, 'time')}: ${message}`),
          ]
            .filter(Boolean)
            .map((note) => el('li', {}, note)),
        ),
      ],
    ],
  ];

  // The page

  const counts = LEVELS.map((level) => [
    level,
    report.findings.filter(({ detection }) => report.kinds[detection].level === level).length,
  ]).filter(([, count]) => count);
  const theme = () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    chart();
  };
  const made = sections.map(([id, title, make]) => [id, title, [make()].flat()]).filter(([, , parts]) => parts.length);
  document.body.append(
    el('a', { class: 'skip', href: '#act' }, 'To the findings'),
    el(
      'header',
      {},
      el('h1', {}, `IKE audit of ${report.files.map(short).join(', ')}`),
      el('p', { class: 'soft' }, `${span(report.period.from, report.period.to)} UTC, profile ${report.profile}`),
      el(
        'div',
        { class: 'tiles' },
        counts.length
          ? counts.map(([level, count]) => el('div', { class: 'tile' }, el('b', { class: level }, number(count)), level))
          : el('div', { class: 'tile' }, el('b', { class: 'good' }, '0'), 'findings'),
        el(
          'div',
          { class: 'tile' },
          el('b', {}, told(report.peers.length + report.forgotten.peers)),
          report.peers.length === 1 ? 'peer' : 'peers',
        ),
        el('div', { class: 'tile' }, el('b', {}, told(report.hardening.length)), 'to harden'),
        el('div', { class: 'tile' }, el('b', {}, told(report.records.read)), 'records'),
      ),
      el(
        'nav',
        { 'aria-label': 'Sections' },
        made.map(([id, title]) => el('a', { href: `#${id}` }, title)),
        el('button', { type: 'button', id: 'theme', onclick: theme }, 'Light / dark'),
      ),
    ),
    el(
      'main',
      {},
      made.map(([id, title, parts]) =>
        el('section', { id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), parts),
      ),
    ),
    el('footer', {}, `Made by ikeaudit on ${time(report.audited_at)} UTC. This file needs no network.`),
  );

  let plot;
  function chart() {
    const place = document.getElementById('chart');
    if (!place || typeof uPlot === 'undefined') return;
    plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const { moments, seconds } = report.timeline;
    const first = Date.parse(moments[0].from) / 1000;
    const last = Date.parse(moments.at(-1).from) / 1000;
    const length = Math.round((last - first) / seconds) + 1;
    // stretches in which nothing happened are drawn as such, unless there are too many
    const at = new Map(moments.map((moment) => [Math.round((Date.parse(moment.from) / 1000 - first) / seconds), moment]));
    const indexes = length <= 5000 ? Array.from({ length }, (_, index) => index) : [...at.keys()];
    const series = (name) => indexes.map((index) => at.get(index)?.[name] ?? 0);
    const bars = uPlot.paths.bars({ size: [0.8, 40], align: 1 });
    const line = (label, name) => ({
      label,
      stroke: colour(name),
      fill: `${colour(name)}55`,
      paths: bars,
      points: { show: false },
    });
    const axis = { stroke: colour('soft'), grid: { stroke: colour('line') }, ticks: { stroke: colour('line') } };
    plot = new uPlot(
      {
        width: Math.max(300, place.clientWidth - 16),
        height: 220,
        tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), 'UTC'),
        scales: {
          x: { range: [first - seconds, last + 2 * seconds] },
          y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
        },
        axes: [axis, axis],
        series: [{}, line('begun', 'low'), line('failed', 'high'), line('established', 'good')],
      },
      [indexes.map((index) => first + index * seconds), series('initiated'), series('failed'), series('succeeded')],
      place,
    );
  }
  chart();
  let resizing;
  addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(chart, 150);
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    document.getElementById('filter')?.focus();
  });
  addEventListener('beforeprint', () => {
    for (const details of [...document.querySelectorAll('details')].slice(0, 300)) details.open = true;
  });
  document.documentElement.dataset.ready = 'yes';
})();

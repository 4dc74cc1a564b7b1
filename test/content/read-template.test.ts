import { describe, expect, test } from 'vitest';
import { readTemplate } from '../../generator/lower/read-template.js';
import { templateVariants } from '../../generator/lower/variants.js';

describe('a template is read into parts', () => {
  test.each([
    ['plain text', ['plain text']],
    ['%{peer_ip:ip} is initiating an IKE_SA', ['<peer_ip:ip>', ' is initiating an IKE_SA']],
    ['a{b}<c>%d', ['a{b}<c>%d']],
    ['shared key%{s?} for', ['shared key', '(s|)', ' for']],
    ['%{key|keys} found', ['(key|keys)', ' found']],
    ['%{role:initiator|responder} ready', ['(role=initiator|responder)', ' ready']],
    ['%{subsystem:letters}%{log_level:int}', ['<subsystem:letters>', '<log_level:int>']],
  ])('%s', (source, expected) => {
    const { template, problems } = readTemplate(source);
    expect(problems).toEqual([]);
    const shown = template.parts.map((part) => {
      if (part.kind === 'literal') return part.text;
      if (part.kind === 'capture') return `<${part.field}:${part.type}>`;
      return `(${part.field ? `${part.field}=` : ''}${part.options.join('|')})`;
    });
    expect(shown).toEqual(expected);
  });
});

describe('what cannot be matched in one pass is refused, with its place', () => {
  test.each([
    ['%{peer_ip:ipv4} x', 'known-capture-type', 'ipv4', 'Did you mean "ip"?'],
    ['%{peer_ip:ip', 'template-syntax', '%{peer_ip:ip', 'has no "}"'],
    ['%{nonsense}', 'template-syntax', '%{nonsense}', 'is neither'],
    ['%{a:text}%{b:text}', 'adjacent-captures', '%{a:text}%{b:text}', 'where "a" ends'],
    ['%{a:int}%{b:port}', 'adjacent-captures', '%{a:int}%{b:port}', 'may take the same bytes'],
    ['%{a:rest} more', 'capture-needs-stop', '%{a:rest}', 'takes all that is left'],
    ['%{a:int}5', 'capture-needs-stop', '%{a:int}', 'would also take the "5"'],
    ['%{a:host}.example', 'capture-needs-stop', '%{a:host}', 'would also take the "."'],
    ['%{a:text}%{x?}', 'capture-needs-stop', '%{a:text}', 'may be missing'],
    ['%{a:int} %{a:int}', 'field-once', '%{a:int}', 'twice'],
  ])('%s', (source, code, span, message) => {
    const { problems } = readTemplate(source);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code });
    expect(problems[0]!.message).toContain(message);
    expect(source.slice(problems[0]!.start, problems[0]!.end)).toBe(span);
  });
});

describe('variants', () => {
  test('options are multiplied out in the order in which they are written', () => {
    const { template } = readTemplate('%{role:initiator|responder} key%{s?}.');
    const texts = templateVariants(template, new Set()).map(({ parts, chosen }) => [
      parts.map((part) => 'text' in part && part.text),
      chosen,
    ]);
    expect(texts).toEqual([
      [['initiator keys.'], { role: 'initiator' }],
      [['initiator key.'], { role: 'initiator' }],
      [['responder keys.'], { role: 'responder' }],
      [['responder key.'], { role: 'responder' }],
    ]);
  });

  test('an address after text that a peer chose needs a stop that occurs once', () => {
    const { template } = readTemplate('%{local_ip:ip}[%{local_id:text}]...%{peer_ip:ip}[%{peer_id:text}]');
    const [variant] = templateVariants(template, new Set(['local_id', 'peer_id']));
    const unique = Object.fromEntries(
      variant!.parts.flatMap((part) => (part.kind === 'step' ? [[part.field, part.unique]] : [])),
    );
    expect(unique).toEqual({ local_ip: false, local_id: true, peer_ip: false, peer_id: false });
  });
});

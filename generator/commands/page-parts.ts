/** Reads what an HTML report is made of: the page's own script and style, and the library that draws its chart. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PageParts } from '../report/report-html.js';

export function readPageParts(): PageParts {
  const page = new URL('../../generator/report/page/', import.meta.url);
  const own = (name: string) => readFileSync(new URL(name, page), 'utf8');
  const { resolve } = createRequire(import.meta.url);
  const library = (name: string) => readFileSync(resolve(`uplot/dist/${name}`), 'utf8');
  return {
    script: own('page.js'),
    style: own('page.css'),
    chartScript: library('uPlot.iife.min.js'),
    chartStyle: library('uPlot.min.css'),
  };
}

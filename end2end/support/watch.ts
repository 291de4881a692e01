/** Watches what no test checks: errors of the page and its console, and pages not checked for accessibility. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { CDPSession, ConsoleMessage, Page, Response } from '@playwright/test';
import { ROOT } from './settings.ts';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** What is said when the code of an island does not arrive. */
const BLOCKED = /ERR_FAILED|Failed to fetch|load callback should succeed|unreachable/;

/** The results of all checks in this run, one file per page, shared by the workers. */
const CHECKED = join(ROOT, 'end2end/test-results/checked');

export class Watch {
  readonly #page: Page;
  readonly #hasScript: boolean;
  readonly #errors: string[] = [];
  readonly #refusals = new Set<string>();
  readonly #unchecked = new Set<string>();
  #session: CDPSession | undefined;
  #isBlocked = false;
  /** Set while leaving the page must ask first. */
  #onAsked: (() => void) | undefined;

  constructor(page: Page, hasScript: boolean) {
    this.#page = page;
    this.#hasScript = hasScript;
    page.on('pageerror', (error) => this.#errors.push(`page error: ${error.stack ?? error.message}`));
    page.on('crash', () => this.#errors.push('the page crashed'));
    page.on('dialog', (dialog) => {
      if (dialog.type() === 'beforeunload' && this.#onAsked) this.#onAsked();
      else this.#errors.push(`a dialog was opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => this.#hear(message));
    page.on('framenavigated', (frame) => {
      const { protocol, pathname } = new URL(frame.url());
      if (frame === page.mainFrame() && protocol.startsWith('http')) this.#unchecked.add(pathname);
    });
  }

  /** Expects a response with this error status, which the browser logs as an error that would fail the test. */
  async refusal(status: number, action: () => Promise<unknown>): Promise<Response> {
    const refused = this.#page.waitForResponse((response) => response.status() === status);
    const [response] = await Promise.all([refused, action()]);
    this.#refusals.add(refusalKey(response.url(), status));
    return response;
  }

  /** From now on, the code of islands does not arrive. The browser and the client say so, which is no error here. */
  async blockIslands(): Promise<void> {
    this.#isBlocked = true;
    await this.#page.route('**/pkg/*.bin', (route) => route.abort());
    await this.#page.addInitScript(() => {
      window.hasHydrated = true;
    });
  }

  /** An action that would leave the page, which asks first and stays. */
  async staysAfter(action: () => Promise<unknown>): Promise<void> {
    const asked = new Promise<void>((resolve) => (this.#onAsked = resolve));
    await action();
    await asked;
    this.#onAsked = undefined;
  }

  /** Checks for violations of WCAG 2.2 AA that a program can find. The journey continues, and its test fails at the end. */
  async checkPage(): Promise<void> {
    const { pathname } = new URL(this.#page.url());
    const width = this.#page.viewportSize()?.width;
    const hasMenu = await this.#withScript(() => this.#page.evaluate(() => document.querySelector(':popover-open') !== null));
    const file = join(CHECKED, digest(`${width} ${hasMenu} ${outline(await this.#page.content())}`));
    const found = existsSync(file) ? [] : await this.#withScript(() => this.#violations());
    if (found.length === 0) {
      mkdirSync(CHECKED, { recursive: true });
      writeFileSync(file, '');
    }
    this.#errors.push(...found.map((violation) => `accessibility of ${pathname}: ${violation}`));
    this.#unchecked.delete(pathname);
  }

  /** All errors so far. */
  problems(): string[] {
    const caused = (error: string): boolean => this.#isBlocked && BLOCKED.test(error);
    const errors = this.#errors.filter((error) => !this.#refusals.has(error) && !caused(error));
    return [...new Set(errors), ...[...this.#unchecked].map((path) => `not checked for accessibility: ${path}`)];
  }

  async #violations(): Promise<string[]> {
    await this.#page.evaluate(axe.source);
    // Half-way through a transition, a colour is neither that of before nor that of after.
    await this.#page.evaluate(() => {
      const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      return Promise.allSettled(transitions.map((transition) => transition.finished));
    });
    // A frame that shows an email runs no JavaScript, so checking it would never end.
    // Landmarks of one kind and name are not in the standard, but nobody can tell them apart.
    // An open menu lies above the page, whose controls it may cover in part. The page itself was checked without it.
    const run = (standards: string[]): Promise<axe.AxeResults> =>
      window.axe.run(document.querySelector(':popover-open') ?? document, {
        iframes: false,
        resultTypes: ['violations'],
        runOnly: standards,
        rules: { 'landmark-unique': { enabled: true } },
      });
    const { violations } = await this.#page.evaluate(run, STANDARDS);
    return violations.map(({ id, help, nodes }) => {
      const first = nodes[0];
      return `${id}: ${help}: ${nodes.length} times, first ${first?.html} (${first?.failureSummary})`;
    });
  }

  /** The check itself is JavaScript: if pages may not run any, it is allowed for the duration of the check. */
  async #withScript<T>(action: () => Promise<T>): Promise<T> {
    if (this.#hasScript) return action();
    const session = (this.#session ??= await this.#page.context().newCDPSession(this.#page));
    const forbid = (value: boolean): Promise<unknown> => session.send('Emulation.setScriptExecutionDisabled', { value });
    // The session only forwards changes.
    await forbid(true);
    await forbid(false);
    try {
      return await action();
    } finally {
      await forbid(true);
    }
  }

  #hear(message: ConsoleMessage): void {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (isCausedByTest(message)) return;
    const status = /the server responded with a status of (\d+)/.exec(message.text())?.[1];
    const { url } = message.location();
    this.#errors.push(status ? refusalKey(url, Number(status)) : `console ${message.type()}: ${message.text()} (${url})`);
  }
}

/** True for messages caused by the test: the client it delays, and its hook in a frame without JavaScript. */
function isCausedByTest(message: ConsoleMessage): boolean {
  const framed = /\/dev\/mailbox\/\w+\/html/.test(message.text()) && message.text().startsWith('Blocked script execution');
  return framed || message.text().includes('was preloaded using link preload but not used');
}

/** Attributes whose values change what a page is to its readers. All others are text or references. */
const STATES = new Set(
  ['class', 'role', 'type', 'hidden', 'disabled', 'checked', 'open', 'tabindex'].concat(
    ['hidden', 'expanded', 'invalid', 'current', 'selected', 'pressed', 'modal', 'live'].map((state) => `aria-${state}`),
  ),
);

/**
 * The elements of a page with their classes and states, without its text. Pages that differ only in their text are
 * checked once, because a check takes as long as loading five pages.
 */
function outline(content: string): string {
  return content
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '')
    .replaceAll(/>[^<]*[^<\s][^<]*</g, '>x<')
    .replaceAll(/ ([\w-]+)="[^"]+"/g, (whole, name: string) => (STATES.has(name) ? whole : ` ${name}="x"`))
    .replaceAll(/(<(tr|li|option)\b[\s\S]*?<\/\2>)(\s*\1)+/g, '$1');
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const refusalKey = (url: string, status: number): string => `console error: ${status} from ${url}`;

declare global {
  interface Window {
    axe: typeof axe;
  }
}

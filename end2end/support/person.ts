/** Somebody with a browser of their own. */

import { expect, type Locator, type Page } from '@playwright/test';
import type { Login } from './companies.ts';
import type { Watch } from './watch.ts';

export class Person {
  constructor(
    readonly page: Page,
    readonly watch: Watch,
    /** Whether pages may run scripts here. */
    readonly hasScript: boolean,
    readonly baseURL: string,
  ) {}

  /** Goes to a page and looks at it. */
  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.look();
  }

  /** Opens an address that must answer with this status. */
  async openRefused(path: string, status: number): Promise<void> {
    await this.watch.refusal(status, () => this.page.goto(path));
    await this.look();
  }

  /** Waits for what shows that a step succeeded, then for the page to be live, and checks it. */
  async sees(what: Locator): Promise<void> {
    await expect(what.first()).toBeVisible();
    await this.look();
  }

  /** As `sees`, for the heading of the page. */
  async arrivesAt(heading: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole('heading', { level: 1, name: heading }));
  }

  /** The message that says what was done. */
  async isTold(sentence: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole('status').filter({ hasText: sentence }));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** A button where a page is live, a link where it is not. */
  control(name: string): Locator {
    return this.button(name).or(this.link(name)).first();
  }

  /** A field that may be left empty says so in its label. */
  field(label: string): Locator {
    return this.page.getByLabel(new RegExp(`^${escape(label)}( \\(optional\\))?$`));
  }

  async fill(values: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(values)) await this.field(label).fill(value);
  }

  /** Beside the field stands the sentence, the field has the focus, and what was typed is still in it. */
  async isRefusedAt(label: string, sentence: string | RegExp, typed: string): Promise<void> {
    const field = this.field(label);
    await expect(field).toHaveAccessibleDescription(sentence instanceof RegExp ? sentence : new RegExp(escape(sentence)));
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveValue(typed);
    await expect(field).toBeFocused();
    await this.look();
  }

  async signIn({ email, password }: Login): Promise<void> {
    await this.open('/signin');
    await this.fillSignIn(email, password);
    await expect(this.page).not.toHaveURL(/\/signin/);
    await this.look();
  }

  /** Gets a session without the page, which has tests of its own. */
  async startSession({ email, password }: Login): Promise<void> {
    const { origin } = new URL(this.baseURL);
    const form = { email, password, next: '' };
    const answer = await this.page.request.post(`${origin}/signin`, { form, headers: { origin }, maxRedirects: 0 });
    expect(answer.status(), 'the session of a known user').toBe(303);
  }

  async fillSignIn(email: string, password: string): Promise<void> {
    await this.fill({ Email: email, Password: password });
    await this.button('Sign in').click();
  }

  /** On a phone the navigation and the menu of the user are behind a button. */
  async openMenu(): Promise<void> {
    const menu = this.button('Menu');
    if (await menu.isVisible()) await menu.click();
  }

  /** Goes by the main navigation. */
  async navigate(entry: string): Promise<void> {
    await this.openMenu();
    await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: entry }).click();
  }

  async signOut(): Promise<void> {
    await this.openMenu();
    const out = this.button('Sign out');
    if (!(await out.isVisible())) await this.page.locator('summary').last().click();
    await out.click();
    await this.isTold('You are signed out.');
  }

  /** Waits until all islands live, and checks the page. */
  async look(): Promise<void> {
    await this.isLive();
    await this.watch.checkPage();
  }

  /** A click that comes before an island lives does what it would do without script: right, but another path. */
  async isLive(): Promise<void> {
    if (!this.hasScript) return;
    const isLive = (): boolean => document.querySelector('leptos-island') === null || window.hasHydrated === true;
    await this.page.waitForFunction(isLive);
  }
}

declare global {
  interface Window {
    hasHydrated?: boolean;
  }
}

/**
 * Marks the page when its islands live. The framework tells nobody: it makes them in the same turn of the event loop in
 * which the client was instantiated, so the next turn is after.
 */
export function markHydration(): void {
  const instantiate = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const client = await instantiate(source, imports);
    setTimeout(() => {
      window.hasHydrated = true;
    });
    return client;
  };
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

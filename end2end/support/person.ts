/** A person with their own browser. */

import { expect, type Locator, type Page } from '@playwright/test';
import type { Login } from './companies.ts';
import type { Watch } from './watch.ts';

export class Person {
  constructor(
    readonly page: Page,
    readonly watch: Watch,
    /** True if this browser runs JavaScript. */
    readonly hasScript: boolean,
    readonly baseURL: string,
  ) {}

  /** Opens a page and checks it. */
  async open(path: string): Promise<void> {
    await this.page.goto(path);
    await this.checkPage();
  }

  /** Opens a URL that must return this status. */
  async openRefused(path: string, status: number): Promise<void> {
    await this.watch.refusal(status, () => this.page.goto(path));
    await this.checkPage();
  }

  /** Waits for the sign that a step succeeded, then for the page to be live, and checks it. */
  async sees(what: Locator): Promise<void> {
    await expect(what.first()).toBeVisible();
    await this.checkPage();
  }

  /** Like `sees`, for the page's heading. */
  async arrivesAt(heading: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole('heading', { level: 1, name: heading }));
  }

  /** Expects the status message that says what was done. */
  async seesMessage(sentence: string | RegExp): Promise<void> {
    await this.sees(this.page.getByRole('status').filter({ hasText: sentence }));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name: string | RegExp): Locator {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** A button if the page is live, otherwise a link. */
  control(name: string): Locator {
    return this.button(name).or(this.link(name)).first();
  }

  /** A field by label. The label of an optional field says so. */
  field(label: string): Locator {
    return this.page.getByLabel(new RegExp(`^${escape(label)}( \\(optional\\))?$`));
  }

  async fill(values: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(values)) await this.field(label).fill(value);
  }

  /** Expects an error at a field: the sentence describes it, it has the focus, and it keeps the input. */
  async seesFieldError(label: string, sentence: string | RegExp, typed: string): Promise<void> {
    const field = this.field(label);
    await expect(field).toHaveAccessibleDescription(sentence instanceof RegExp ? sentence : new RegExp(escape(sentence)));
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveValue(typed);
    await expect(field).toBeFocused();
    await this.checkPage();
  }

  async signIn({ email, password }: Login): Promise<void> {
    await this.open('/signin');
    await this.fillSignIn(email, password);
    await expect(this.page).not.toHaveURL(/\/signin/);
    await this.checkPage();
  }

  /** Gets a session without the page, which has tests of its own. */
  async startSession({ email, password }: Login): Promise<void> {
    const { origin } = new URL(this.baseURL);
    const form = { email, password, next: '' };
    const response = await this.page.request.post(`${origin}/signin`, { form, headers: { origin }, maxRedirects: 0 });
    expect(response.status(), 'the session of a known user').toBe(303);
  }

  async fillSignIn(email: string, password: string): Promise<void> {
    await this.fill({ Email: email, Password: password });
    await this.button('Sign in').click();
  }

  /** On a phone, a button opens the navigation and the user menu. */
  async openMenu(): Promise<void> {
    const menu = this.button('Menu');
    if (await menu.isVisible()) await menu.click();
  }

  /** Follows a link in the main navigation. */
  async navigate(entry: string): Promise<void> {
    await this.openMenu();
    await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: entry }).click();
  }

  async signOut(): Promise<void> {
    await this.openMenu();
    const out = this.button('Sign out');
    if (!(await out.isVisible())) await this.page.locator('summary').last().click();
    await out.click();
    await this.seesMessage('You are signed out.');
  }

  /** Waits until all islands are live, and checks the page. */
  async checkPage(): Promise<void> {
    await this.isLive();
    await this.watch.checkPage();
  }

  /** Waits until all islands are live. An earlier click would work too, but take the path without JavaScript. */
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
 * Marks the page once its islands are live. The framework has no event for it, but they become so in the same turn of
 * the event loop that instantiates the last part of the client, so the next turn is late enough.
 */
export function markHydration(): void {
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  let pending = 0;
  const counted = async (bytes: BufferSource, imports?: WebAssembly.Imports): Promise<unknown> => {
    pending += 1;
    try {
      return await instantiate(bytes, imports);
    } finally {
      pending -= 1;
      setTimeout(() => {
        if (pending === 0) window.hasHydrated = true;
      });
    }
  };
  WebAssembly.instantiate = counted as typeof WebAssembly.instantiate;
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

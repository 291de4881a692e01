/** A person's keyboard: Tab reaches everything, and the focus is always visible. */

import { expect, type Locator } from '@playwright/test';
import type { Person } from './person.ts';

/** More tab stops than any page has. */
const MAX_STOPS = 80;

export class Keys {
  constructor(readonly person: Person) {}

  /** Presses Tab until this has the focus. After the end of the page, Tab starts over. */
  async reach(what: Locator): Promise<void> {
    for (let stop = 0; stop < MAX_STOPS; stop += 1) {
      if (await what.evaluate((element) => element === document.activeElement)) {
        await expect.poll(() => this.person.page.evaluate(focusState), `the focus at ${what}`).toBe('seen');
        return;
      }
      await this.person.page.keyboard.press('Tab');
      await expect.poll(() => this.person.page.evaluate(focusState), `the focus on the way to ${what}`).toMatch(/seen|nowhere/);
    }
    throw new Error(`Tab does not lead to ${what}`);
  }

  async type(label: string, text: string): Promise<void> {
    await this.reach(this.person.field(label));
    await this.person.page.keyboard.type(text);
  }

  /** Presses a key on this and waits for the result. The focus may be lost only if another page was loaded. */
  async press(key: 'Enter' | 'Space', what: Locator, result: Locator): Promise<void> {
    const { page } = this.person;
    await this.reach(what);
    const loaded = (): Promise<number> => page.evaluate(() => performance.timeOrigin);
    const before = await loaded();
    await page.keyboard.press(key);
    await this.person.sees(result);
    if ((await loaded()) === before) await this.keepsFocus();
  }

  /** Expects a visible focus on the page. */
  async keepsFocus(): Promise<void> {
    await expect.poll(() => this.person.page.evaluate(focusState), 'the focus').toBe('seen');
  }
}

/** Where the focus is: `seen` if the element, or the card around it, has an outline and is in view. */
function focusState(): string {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'nowhere';
  const isOutlined = (element: Element | null): boolean => {
    if (element === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
    const inView = bottom > 0 && right > 0 && top < window.innerHeight && left < window.innerWidth;
    return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && width > 1 && height > 1 && inView;
  };
  return isOutlined(focused) || isOutlined(focused.parentElement) ? 'seen' : `unseen at ${focused.outerHTML.slice(0, 200)}`;
}

/** Settings of people's machines: zoom of 400 %, forced colours, and dark. */

import { expect, type Locator } from '@playwright/test';
import { test } from '../support/fixtures.ts';

/** A window of 1280 × 1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };

test('at 400 % zoom a dialog leaves most of the window to its form', { tag: '@needs-script' }, async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.createFlow('Solar leads');
  await buyer.page.setViewportSize(ZOOMED);
  await buyer.openInvitation();
  const dialog = buyer.page.getByRole('dialog');
  expect(await dialog.evaluate(roomBetweenFixedParts)).toBeGreaterThan(ZOOMED.height / 2);
  await buyer.field('Add a personal note').fill('Hello');
  await buyer.button('Send Invite').scrollIntoViewIfNeeded();
  await expect(buyer.button('Send Invite')).toBeInViewport();
});

test('at 400 % zoom the navigation is not squeezed, and the page has the window to itself', async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.page.setViewportSize(ZOOMED);
  await buyer.open('/flows');
  expect(await buyer.page.locator('body').evaluate(roomBetweenFixedParts)).toBeGreaterThan(ZOOMED.height * 0.9);
  await buyer.openMenu();
  const nav = buyer.page.getByRole('navigation', { name: 'Main' });
  await expect(nav).toBeVisible();
  expect(await nav.evaluate((list) => list.clientHeight >= list.scrollHeight), 'it has no scrollbar of its own').toBe(true);
  await nav.getByRole('link', { name: 'Settings' }).click();
  await buyer.arrivesAt('Settings');
});

test('in forced colours only what is current looks so', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.createFlow('Solar leads');
  await buyer.page.emulateMedia({ forcedColors: 'active' });
  await buyer.checkPage();
  const looks = async (links: Locator, property: string): Promise<{ current: string[]; others: Set<string> }> => {
    const all = await links.evaluateAll(
      (found, name) => found.map((link) => [link.hasAttribute('aria-current'), getComputedStyle(link).getPropertyValue(name)] as const),
      property,
    );
    const of = (current: boolean): string[] => all.filter(([is]) => is === current).map(([, look]) => look);
    return { current: of(true), others: new Set(of(false)) };
  };
  const pages = buyer.page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  const tabs = buyer.page.getByRole('navigation', { name: 'Flow', exact: true }).getByRole('link');
  for (const [links, property] of [[pages, 'background-color'], [tabs, 'border-bottom-color']] as const) {
    const { current, others } = await looks(links, property);
    expect(current).toHaveLength(1);
    expect([...others], 'all others look the same').toHaveLength(1);
    expect(others).not.toContain(current[0]);
  }
});

test('methods in the API documentation have contrast in the dark', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.page.emulateMedia({ colorScheme: 'dark' });
  await buyer.open('/api/docs');
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const shown = buyer.page.locator('summary').getByText(method, { exact: true }).first();
    expect(await shown.evaluate(contrast), method).toBeGreaterThan(4.5);
  }
});

/** The height that a scrolled element leaves to what scrolls in it. */
function roomBetweenFixedParts(scrolled: Element): number {
  const isFixed = (part: Element): boolean => ['sticky', 'fixed'].includes(getComputedStyle(part).position);
  // The link that skips the navigation is clipped until it has the focus.
  const parts = [...scrolled.querySelectorAll(':not(a)')].filter((part) => isFixed(part));
  const taken = parts.reduce((sum, part) => sum + part.getBoundingClientRect().height, 0);
  return Math.min(scrolled.clientHeight, window.innerHeight) - taken;
}

/** The contrast of an element's text with the nearest background. */
function contrast(element: Element): number {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (canvas === null) return 0;
  const luminance = (colour: string): number => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const linear = (part = 0): number => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  let behind: Element | null = element;
  while (behind !== null && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  const [text, ground] = [element, behind ?? document.body].map((one, index) =>
    luminance(index === 0 ? getComputedStyle(one).color : getComputedStyle(one).backgroundColor),
  );
  if (text === undefined || ground === undefined) return 0;
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
}

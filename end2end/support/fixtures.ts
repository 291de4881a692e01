/** The test of all journeys: people with browsers of their own, every one of them watched. */

import { test as base, expect, type BrowserContext } from '@playwright/test';
import { System } from './api.ts';
import { Buyer } from './buyer.ts';
import { createCompany, type Company, type Subscriptions } from './companies.ts';
import { markHydration, Person } from './person.ts';
import { PartnerPerson } from './partner.ts';
import { Seller } from './seller.ts';
import { stage, type Site } from './settings.ts';
import { Watch } from './watch.ts';

type Maker<P> = new (...parts: ConstructorParameters<typeof Person>) => P;

export interface Cast {
  /** Somebody new, in a browser profile without cookies. */
  visitor(): Promise<Person>;
  /** The same, with the ways of a seller; has no account yet. */
  seller(): Promise<Seller>;
  /** The same, with the ways of somebody who joins a partner or an account by mail. */
  partnerPerson(): Promise<PartnerPerson>;
  /** A company that may invite, and its Admin, signed in. */
  buyer(subscriptions?: Partial<Subscriptions>): Promise<Buyer & { company: Company }>;
  company(role: string, subscriptions: Subscriptions): Promise<Company>;
  /** The system of the account that this API key belongs to. */
  system(apiKey: string): Promise<System>;
}

interface Fixtures {
  site: Site;
  cast: Cast;
}

export const test = base.extend<Fixtures>({
  site: async ({}, use) => use(stage().main),
  baseURL: async ({ site }, use) => use(site.url),
  cast: async ({ browser, site, baseURL, javaScriptEnabled }, use) => {
    const contexts: BrowserContext[] = [];
    const watches: Watch[] = [];
    const systems: System[] = [];
    const appear = async <P>(Kind: Maker<P>): Promise<P> => {
      const context = await browser.newContext(baseURL ? { baseURL } : {});
      contexts.push(context);
      await context.addInitScript(markHydration);
      const page = await context.newPage();
      const watch = new Watch(page, javaScriptEnabled);
      watches.push(watch);
      return new Kind(page, watch, javaScriptEnabled, baseURL ?? site.url);
    };
    const company: Cast['company'] = (role, subscriptions) => createCompany(site, role, subscriptions);
    await use({
      visitor: () => appear(Person),
      seller: () => appear(Seller),
      partnerPerson: () => appear(PartnerPerson),
      company,
      async system(apiKey) {
        const system = await System.start(site, apiKey);
        systems.push(system);
        return system;
      },
      async buyer(subscriptions) {
        const [owner, buyer] = await Promise.all([company('Buyer', { plan: 'base', ...subscriptions }), appear(Buyer)]);
        await buyer.startSession(owner);
        return Object.assign(buyer, { company: owner });
      },
    });
    const problems = watches.flatMap((watch) => watch.problems());
    await Promise.all([...contexts.map((context) => context.close()), ...systems.map((system) => system.stop())]);
    expect(problems, 'what went wrong unseen').toEqual([]);
  },
});

export { expect };

/** The fixtures of all journeys: people with their own browsers, each of them watched for errors. */

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

export interface People {
  /** A new person, in a browser profile without cookies. */
  visitor(): Promise<Person>;
  /** A new person with the actions of a seller, without an account. */
  seller(): Promise<Seller>;
  /** A new person with the actions of someone who joins a partner or an account by email. */
  partnerPerson(): Promise<PartnerPerson>;
  /** The signed-in Admin of a company that may invite. */
  buyer(subscriptions?: Partial<Subscriptions>): Promise<Buyer & { company: Company }>;
  company(role: string, subscriptions: Subscriptions): Promise<Company>;
  /** A system of the account that owns this API key. */
  system(apiKey: string): Promise<System>;
}

interface Fixtures {
  site: Site;
  people: People;
}

export const test = base.extend<Fixtures>({
  site: async ({}, use) => use(stage().main),
  baseURL: async ({ site }, use) => use(site.url),
  people: async ({ browser, site, baseURL, javaScriptEnabled }, use) => {
    const contexts: BrowserContext[] = [];
    const watches: Watch[] = [];
    const systems: System[] = [];
    const openBrowser = async <P>(Kind: Maker<P>): Promise<P> => {
      const context = await browser.newContext(baseURL ? { baseURL } : {});
      contexts.push(context);
      await context.addInitScript(markHydration);
      const page = await context.newPage();
      const watch = new Watch(page, javaScriptEnabled);
      watches.push(watch);
      return new Kind(page, watch, javaScriptEnabled, baseURL ?? site.url);
    };
    const company: People['company'] = (role, subscriptions) => createCompany(site, role, subscriptions);
    await use({
      visitor: () => openBrowser(Person),
      seller: () => openBrowser(Seller),
      partnerPerson: () => openBrowser(PartnerPerson),
      company,
      async system(apiKey) {
        const system = await System.start(site, apiKey);
        systems.push(system);
        return system;
      },
      async buyer(subscriptions) {
        const [owner, buyer] = await Promise.all([company('Buyer', { plan: 'base', ...subscriptions }), openBrowser(Buyer)]);
        await buyer.startSession(owner);
        return Object.assign(buyer, { company: owner });
      },
    });
    const problems = watches.flatMap((watch) => watch.problems());
    await Promise.all([...contexts.map((context) => context.close()), ...systems.map((system) => system.stop())]);
    expect(problems, 'errors that no step checked').toEqual([]);
  },
});

export { expect };

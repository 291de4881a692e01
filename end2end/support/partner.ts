/** People of a partner, and what a buyer does about them. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Locator } from '@playwright/test';
import type { Login } from './companies.ts';
import { linkIn, mailTo } from './mails.ts';
import { Person } from './person.ts';
import { database, setting } from './settings.ts';

const run = promisify(execFile);

export type Role = 'Partner Admin' | 'Partner User' | 'Admin' | 'Manager' | 'Viewer';

/** The part of a signed-in page under a header with tabs. */
export async function openTab(person: Person, group: string, tab: string): Promise<void> {
  await person.page.getByRole('navigation', { name: group, exact: true }).getByRole('link', { name: tab, exact: true }).click();
  await person.look();
}

/** Invites from a page that lists the invitations: in a dialog where the page is live, else on a page of its own. */
export async function invite(person: Person, opener: string, email: string, role: Role): Promise<void> {
  await person.link(opener).click();
  await person.sees(person.field('Email'));
  await person.field('Email').fill(email);
  await person.field('Role').selectOption({ label: role });
  await person.button('Send invite').click();
}

/** The row of somebody, or of the invitation to an address. */
export function row(person: Person, table: string, text: string): Locator {
  return person.page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });
}

/** Removes somebody from the open list; the page asks once more. */
export async function remove(person: Person, name: string): Promise<void> {
  const theirs = row(person, 'Users', name);
  await theirs.locator('summary').click();
  await theirs.getByRole('button', { name: /^Remove/ }).click();
}

/** Somebody who is invited by mail and logs in for a partner. */
export class PartnerPerson extends Person {
  /** Follows the link of the latest mail and creates the login on its page, without a company; lands where they joined. */
  async joinByMail(login: Login, team: string, heading: string | RegExp, count = 1): Promise<void> {
    await this.openMail(login, team, count);
    await this.link('Create account').click();
    await this.sees(this.field('Your name'));
    await expect(this.field('Email')).toHaveValue(login.email);
    await expect(this.field('Company name')).toHaveCount(0);
    await this.fill({ 'Your name': login.name, Password: login.password });
    await this.button('Create account').click();
    await this.isTold("You've joined. Welcome!");
    await this.arrivesAt(heading);
  }

  /** Follows the link of the latest mail: the token leaves the address bar, and nothing has changed yet. */
  async openMail(login: Login, team: string, count = 1): Promise<string> {
    const link = linkIn(await mailTo(login.email, `join ${team}`, count), '/i/');
    await this.page.goto(link);
    await expect(this.page).toHaveURL(/\/invitations\/[0-9a-f]{24}$/);
    await this.arrivesAt(`Join ${team}`);
    return link;
  }

  /** The tabs of the portal that this person is offered. */
  async tabs(): Promise<string[]> {
    const tabs = this.page.getByRole('navigation', { name: 'Portal', exact: true }).getByRole('link');
    return (await tabs.allInnerTexts()).map((text) => text.trim());
  }
}

/** Lets two minutes pass for one invitation: it is resent once a minute, and no test waits that long. */
export async function letTimePass(email: string): Promise<void> {
  const statement = `update invitations set sent_at = sent_at - interval '2 minutes' where email = '${email}'`;
  await run(setting('ACCORD_PSQL'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database('').owner, '-c', statement]);
}

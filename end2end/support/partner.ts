/** Partner users and members, and how they are invited and removed. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Locator } from '@playwright/test';
import type { Login } from './companies.ts';
import { linkIn, mailTo } from './mails.ts';
import { Person } from './person.ts';
import { database, setting } from './settings.ts';

const run = promisify(execFile);

export type Role = 'Partner Admin' | 'Partner User' | 'Admin' | 'Manager' | 'Viewer';

/** Opens a tab of a page. */
export async function openTab(person: Person, group: string, tab: string): Promise<void> {
  await person.page.getByRole('navigation', { name: group, exact: true }).getByRole('link', { name: tab, exact: true }).click();
  await person.checkPage();
}

/** Invites from a list of invitations: in a dialog if the page is live, otherwise on a separate page. */
export async function invite(person: Person, opener: string, email: string, role: Role): Promise<void> {
  await person.link(opener).click();
  await person.sees(person.field('Email'));
  await person.field('Email').fill(email);
  await person.field('Role').selectOption({ label: role });
  await person.button('Send invite').click();
}

/** The row of a person or of the invitation to an address. */
export function row(person: Person, table: string, text: string): Locator {
  return person.page.getByRole('table', { name: table, exact: true }).getByRole('row').filter({ hasText: text });
}

/** Removes a person from the open list. The page asks for confirmation. */
export async function remove(person: Person, name: string): Promise<void> {
  const theirs = row(person, 'Users', name);
  await theirs.locator('summary').click();
  await theirs.getByRole('button', { name: /^Remove/ }).click();
}

/** Revokes an invitation in the open list. The page asks for confirmation and says what will happen. */
export async function revoke(person: Person, email: string): Promise<void> {
  const theirs = row(person, 'Pending invitations', email);
  await expect(theirs.getByRole('button', { name: /^Revoke/ })).toBeHidden();
  await theirs.locator('summary').click();
  await person.sees(theirs.getByText(`The links sent to ${email} stop working.`));
  await theirs.getByRole('button', { name: /^Revoke/ }).click();
}

/** A person who joins a partner or an account by email. */
export class PartnerPerson extends Person {
  /** Follows the link in the latest email and creates a user without a company. Ends where they joined. */
  async joinByMail(login: Login, team: string, heading: string | RegExp, count = 1): Promise<void> {
    await this.openMail(login, team, count);
    await this.link('Create account').click();
    await this.sees(this.field('Your name'));
    await expect(this.field('Email')).toHaveValue(login.email);
    await expect(this.field('Company name')).toHaveCount(0);
    await this.fill({ 'Your name': login.name, Password: login.password });
    await this.button('Create account').click();
    await this.seesMessage("You've joined. Welcome!");
    await this.arrivesAt(heading);
  }

  /** Follows the link in the latest email. The token disappears from the address bar, and nothing changes yet. */
  async openMail(login: Login, team: string, count = 1): Promise<string> {
    const link = linkIn(await mailTo(login.email, `join ${team}`, count), '/i/');
    await this.page.goto(link);
    await expect(this.page).toHaveURL(/\/invitations\/[0-9a-f]{24}$/);
    await this.arrivesAt(`Join ${team}`);
    return link;
  }

  /** The portal tabs that this person sees. */
  async tabs(): Promise<string[]> {
    const tabs = this.page.getByRole('navigation', { name: 'Portal', exact: true }).getByRole('link');
    return (await tabs.allInnerTexts()).map((text) => text.trim());
  }
}

/** Moves an invitation two minutes into the past, so the one-minute limit on resending does not apply. */
export async function letTimePass(email: string): Promise<void> {
  await execute(`update invitations set sent_at = sent_at - interval '2 minutes' where email = '${email}'`);
}

/** Makes the leads of a flow that wait for their next attempt due now. */
export async function letDeliveriesBeDue(flow: string): Promise<void> {
  await execute(
    `update lead_deliveries set next_at = now() where state = 'waiting' and delivery_id in (
       select id from deliveries where flow_id = decode('${flow}', 'hex'))`,
  );
}

async function execute(statement: string): Promise<void> {
  await run(setting('ACCORD_PSQL'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database('').owner, '-c', statement]);
}

/** A seller: answers invitations, reads Submission Docs, and sends leads with the command shown there. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Locator } from '@playwright/test';
import type { Login } from './companies.ts';
import { openTab } from './partner.ts';
import { Person } from './person.ts';

const run = promisify(execFile);

export interface LeadResponse {
  outcome: 'success' | 'failure' | 'error';
  reason?: string;
  lead?: { id: string };
}

export class Seller extends Person {
  /** Follows the link in the email. The token disappears from the address bar, and nothing changes yet. */
  async openInvitation(link: string, from: string): Promise<void> {
    await this.page.goto(link);
    await expect(this.page).toHaveURL(/\/invitations\/[0-9a-f]{24}$/);
    await this.arrivesAt(`${from} invites you to connect`);
  }

  /** Starts on the invitation page and returns to it, signed in. */
  async createAccount({ name, company, email, password }: Login): Promise<void> {
    await this.link('Create account').click();
    await this.sees(this.field('Your name'));
    await expect(this.field('Email')).toHaveValue(email);
    await this.fill({ 'Your name': name, 'Company name': company, Password: password });
    await this.button('Create account').click();
    await this.sees(this.button('Accept Invite to Connect'));
  }

  /** Starts on the invitation page and returns to it. */
  async signInToAnswer({ email, password }: Login): Promise<void> {
    await this.link('Sign in').click();
    await this.sees(this.button('Sign in'));
    await this.fillSignIn(email, password);
    await this.sees(this.button('Accept Invite to Connect'));
  }

  /** Accepts for a company. Ends where the next step is: the docs of its only source, or Home. Both name the buyer. */
  async accept(company: string, buyer: string): Promise<void> {
    await this.chooseCompany(company);
    await this.button('Accept Invite to Connect').click();
    await this.seesMessage('Your companies are now connected.');
    await expect(this.page.getByRole('main')).toContainText(buyer);
    await expect(this.page.getByRole('main').getByRole('link', { name: 'Submission Docs' }).first()).toBeVisible();
  }

  /** Creates another company to accept with. Returns to the invitation page, where it is selected. */
  async createCompany(name: string): Promise<void> {
    await this.link('Create a new company').click();
    await this.arrivesAt('Create a new company');
    await this.field('Company name').fill(name);
    await this.button('Create company').click();
    await this.seesMessage('Company created.');
    await expect(this.page.getByRole('combobox', { name: 'Accept as' }).locator('option:checked')).toContainText(name);
  }

  /** Selects the company that accepts. Its option also says what accepting does to its plan. */
  async chooseCompany(company: string): Promise<void> {
    const choice = this.page.getByRole('combobox', { name: 'Accept as' });
    const option = choice.locator('option').filter({ hasText: company });
    await choice.selectOption(await option.getAttribute('value'));
  }

  /** Declines the invitation. The page asks for confirmation. */
  async decline(reason: string): Promise<void> {
    await this.control('Decline Invite to Connect').click();
    await this.sees(this.field('Reason'));
    await this.field('Reason').fill(reason);
    await this.button('Decline Invite to Connect').click();
  }

  async openDocs(buyer: string, flow: string): Promise<void> {
    await this.navigate('Submission Docs');
    await this.arrivesAt('Submission Docs');
    await expect(this.page.getByRole('main')).toContainText(buyer);
    await this.page.getByRole('main').getByRole('link', { name: flow }).click();
    await this.sees(this.page.getByRole('heading', { name: 'Submission URL' }));
  }

  /** Opens the leads in the portal of a buyer. */
  async openBuyer(buyer: string): Promise<Locator> {
    await this.navigate('Buyers');
    await this.arrivesAt('Buyers');
    await this.page.getByRole('main').getByRole('link', { name: buyer, exact: true }).click();
    await this.sees(this.page.getByRole('heading', { name: 'Performance' }));
    await openTab(this, 'Portal', 'Leads');
    const leads = this.page.getByRole('table', { name: 'Leads' });
    await this.sees(leads);
    return leads;
  }

  /** The command in the docs, as a person would copy it. */
  async shownCommand(): Promise<string> {
    const command = await this.page.getByRole('region', { name: 'curl' }).innerText();
    expect(command).toMatch(/^curl /);
    return command;
  }

  /** Runs the command in a shell, with other values for some parameters. */
  async runCommand(command: string, values: Record<string, string>): Promise<LeadResponse> {
    const adapted = Object.entries(values).reduce((text, [name, value]) => withValue(text, name, value), command);
    const { stdout } = await run('bash', ['-c', adapted], { timeout: 20_000 });
    return JSON.parse(stdout) as LeadResponse;
  }
}

/** Replaces the value of a parameter, which must be in the command. */
function withValue(command: string, name: string, value: string): string {
  const given = new RegExp(`((?:^|['"&\\s])${name}=)[^'"&]*`);
  expect(command, `the command sends ${name}`).toMatch(given);
  return command.replace(given, (_, start: string) => start + value);
}

/** A buyer: creates flows, adds and configures sources, and views their leads. */

import { expect, type Locator } from '@playwright/test';
import { letTimePass, row } from './partner.ts';
import { Person } from './person.ts';

export interface Flow {
  id: string;
  name: string;
}

/** A source of a flow. Its name changes when its invitation is accepted. */
export interface Source {
  id: string;
  flow: Flow;
}

export interface Rule {
  field: string;
  operator: string;
  value?: string;
}

export class Buyer extends Person {
  /** Creates a flow with fields in addition to the preselected ones. Ends on its Sources tab. */
  async createFlow(name: string, fields: string[] = []): Promise<Flow> {
    await this.open('/flows/new');
    await this.field('Flow name').fill(name);
    const group = this.page.getByRole('group', { name: 'Fields' });
    for (const field of fields) await group.getByRole('checkbox', { name: field, exact: true }).check();
    await this.button('Create flow').click();
    await this.arrivesAt(name);
    await expect(this.page).toHaveURL(/\/flows\/[0-9a-f]{24}\/sources$/);
    return { id: this.#idsOfPage()[0] ?? '', name };
  }

  async openSources(flow: Flow): Promise<void> {
    await this.open(`/flows/${flow.id}/sources`);
  }

  /** The row of a source in the open Sources tab. */
  source(name: string): Locator {
    const link = this.page.getByRole('link', { name, exact: true });
    return this.page.getByRole('table', { name: 'Sources' }).getByRole('row').filter({ has: link });
  }

  switch(name: string): Locator {
    return this.source(name).getByRole('switch', { name: `Enabled: ${name}`, exact: true });
  }

  /** Opens the menu of a source's row. */
  async openActions(name: string): Promise<void> {
    await this.source(name).getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
    await this.sees(this.action(name, 'Remove'));
  }

  /** A link or button in the open menu. */
  action(name: string, label: string): Locator {
    const menu = this.source(name).locator('[popover]');
    return menu.getByRole('link', { name: label, exact: true }).or(menu.getByRole('button', { name: label, exact: true }));
  }

  /** The row of the newest invitation to an address in the open list. */
  invitation(email: string): Locator {
    return this.page.getByRole('table', { name: 'Sent' }).getByRole('row').filter({ hasText: email }).first();
  }

  /** Opens the list of invitations and the menu of the newest one to an address. */
  async openMore(email: string): Promise<void> {
    await this.open('/invitations');
    await this.invitation(email).getByRole('button', { name: `More for ${email}`, exact: true }).click();
    await this.sees(this.invitation(email).getByRole('link', { name: /^Send to another address/ }));
  }

  /** A cell of a source's row, by column name. */
  async cell(name: string, column: string): Promise<Locator> {
    // On a phone the header row is hidden but still in the page.
    const heads = await this.page.getByRole('table', { name: 'Sources' }).locator('thead th').allTextContents();
    const place = heads.findIndex((head) => head.trim() === column);
    expect(place, `column ${column} among ${heads.join(', ')}`).toBeGreaterThanOrEqual(0);
    return this.source(name).locator('td').nth(place);
  }

  /** From the Sources tab to the invitation form: in a dialog if the page is live, otherwise through pages. */
  async openInvitation(): Promise<void> {
    await this.#openNewSource('Invite Partner');
    await this.sees(this.field('Company Email'));
  }

  async openCustomSource(): Promise<void> {
    await this.#openNewSource('Custom Source');
    await this.sees(this.field('Source name'));
  }

  /** Opens the sources that can be added: a searchable list if the page is live, otherwise a plain select. */
  async openOffers(): Promise<void> {
    await this.control('Add Source').click();
    await this.sees(this.page.getByRole('combobox', { name: 'Select a source' }));
  }

  offer(name: string): Locator {
    return this.page.getByRole('option').filter({ hasText: name });
  }

  async addOffered(name: string): Promise<void> {
    await this.openOffers();
    const choice = this.page.getByRole('combobox', { name: 'Select a source' });
    if (this.hasScript) {
      await choice.fill(name);
      await this.offer(name).click();
    } else {
      await choice.selectOption(await this.offer(name).getAttribute('value'));
    }
    await this.button('Add').click();
    await this.sees(this.source(name));
  }

  /** Invites an address from the Sources tab, which then lists it. */
  async invite(email: string, note = ''): Promise<void> {
    await this.openInvitation();
    await this.field('Company Email').fill(email);
    await this.field('Add a personal note').fill(note);
    await this.button('Send Invite').click();
    await this.sees(this.source(email));
  }

  /** Adds a custom source from the open Sources tab. */
  async createCustomSource(name: string): Promise<void> {
    await this.openCustomSource();
    await this.field('Source name').fill(name);
    await this.button('Create source').click();
    await this.sees(this.source(name));
  }

  /** Creates a partner from the list of partners, ends on its overview, and returns its id. */
  async createPartner(name: string): Promise<string> {
    await this.open('/partners');
    await this.link('Create partner').first().click();
    await this.sees(this.field('Partner name'));
    await this.field('Partner name').fill(name);
    await this.button('Create partner').click();
    await this.arrivesAt(name);
    return new URL(this.page.url()).pathname.split('/')[2] ?? '';
  }

  /** Resends an invitation to join from the open list, after the one-minute limit has passed. */
  async resendLater(email: string): Promise<void> {
    await letTimePass(email);
    await row(this, 'Pending invitations', email).getByRole('button', { name: /^Resend/ }).click();
    await this.seesMessage('Invitation resent.');
  }

  /** Opens a source's page on its Mappings tab. */
  async openSource(flow: Flow, name: string): Promise<Source> {
    await this.source(name).getByRole('link', { name, exact: true }).click();
    await this.arrivesAt(name);
    return { flow, id: this.#idsOfPage()[1] ?? '' };
  }

  /** Adds a mapping in the open editor: a field takes a seller's parameter. */
  async addMapping(field: string, parameter: string): Promise<void> {
    const rows = this.page.locator('[name$="-property"]');
    const place = await this.#addRow('Add mapping', rows);
    await rows.nth(place).selectOption({ label: field });
    await this.page.locator(`[name="row-${place}-value"]`).fill(parameter);
  }

  async openCriteria(): Promise<void> {
    await this.link('Acceptance Criteria').click();
    await this.sees(this.button('Add rule'));
  }

  /** Adds a rule in the open editor. */
  async addRule({ field, operator, value }: Rule): Promise<void> {
    const rows = this.page.locator('[name$="-field"]');
    const place = await this.#addRow('Add rule', rows);
    await rows.nth(place).selectOption({ label: field });
    await this.page.locator(`[name="row-${place}-op"]`).selectOption({ label: operator });
    if (value !== undefined) await this.page.locator(`[name="row-${place}-value"]`).fill(value);
  }

  async save(): Promise<void> {
    await this.button('Save').click();
    await this.seesMessage(/saved/);
  }

  /** Lets the page show a change made elsewhere: live pages update themselves, others are reloaded. */
  async awaitChange(): Promise<void> {
    if (!this.hasScript) await this.page.reload();
  }

  async openLeads(flow: Flow): Promise<Locator> {
    await this.open(`/flows/${flow.id}/leads`);
    return this.page.getByRole('table', { name: 'Leads' });
  }

  async #openNewSource(kind: 'Invite Partner' | 'Custom Source'): Promise<void> {
    await this.openOffers();
    await this.control('Create a new source').click();
    const card = this.page.getByRole('radio', { name: kind });
    await this.sees(card);
    // The label covers the whole card.
    await this.page.locator('label').filter({ hasText: kind }).click();
    await expect(card).toBeChecked();
    await this.button('Next').click();
  }

  /** Without JavaScript, the button reloads the page with one more row. */
  async #addRow(button: string, rows: Locator): Promise<number> {
    const place = await rows.count();
    await this.button(button).click();
    await expect(rows).toHaveCount(place + 1);
    return place;
  }

  #idsOfPage(): string[] {
    return new URL(this.page.url()).pathname.match(/[0-9a-f]{24}/g) ?? [];
  }
}

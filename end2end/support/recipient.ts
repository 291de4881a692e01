/** Sellers invite buyers to receive leads, and buyers accept. */

import { expect } from '@playwright/test';
import type { Person } from './person.ts';

/** Invites an address from the list of recipients. */
export async function inviteRecipient(seller: Person, email: string, note: string): Promise<void> {
  await seller.open('/recipients');
  await seller.link('Invite Partner').first().click();
  await seller.arrivesAt('Invite a recipient');
  await seller.fill({ 'Company Email': email, 'Add a personal note': note });
  await seller.button('Send Invite').click();
  await seller.seesMessage('Invitation sent.');
}

/** Accepts the invitation behind a link, signed in. Ends on the flow that receives the leads. */
export async function receiveLeads(buyer: Person, link: string, from: string, flow?: string): Promise<void> {
  await buyer.page.goto(link);
  await expect(buyer.page).toHaveURL(/\/invitations\/[0-9a-f]{24}$/);
  await buyer.arrivesAt(`${from} wants to send you leads`);
  if (flow === undefined) {
    await expect(buyer.page.getByRole('note')).toContainText(`create a new flow for the leads: Leads from ${from}.`);
  } else {
    await buyer.field('Receive leads in').selectOption({ label: flow });
  }
  await buyer.button('Accept Invite to Connect').click();
  await buyer.seesMessage('Your companies are now connected.');
  await expect(buyer.page).toHaveURL(/\/flows\/[0-9a-f]{24}\/sources$/);
  await buyer.arrivesAt(flow ?? `Leads from ${from}`);
}

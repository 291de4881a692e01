/** A seller invites a buyer to receive leads, then both sell to each other, then one direction ends. */

import { submit, type Connection, type FlowSource, type System } from '../support/api.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';
import { row } from '../support/partner.ts';
import { inviteRecipient, receiveLeads } from '../support/recipient.ts';

const REFUSED = { status: 403, outcome: 'error', reason: 'source is not enabled' };

test('a seller and a buyer invite each other, and one direction ends without the other', async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.buyer({ plan: 'pro' })]);
  const [bought, sold] = [buyer.company, seller.company];
  const [buying, selling] = await Promise.all([people.system(bought.apiKey), people.system(sold.apiKey)]);
  const roofing = await buying.createFlow('Roofing leads', ['state']);
  const solar = await buying.createFlow('Solar leads', ['state']);

  const entity = await test.step('the seller invites a recipient', async () => {
    await inviteRecipient(seller, bought.email, 'We have leads for you.');
    const { message, entity } = await selling.invite('recipient', { email: bought.email }, 200);
    expect(message, 'invited already').toBeUndefined();
    expect(entity).toMatchObject({ name: bought.email, source: null, recipient: 'buyer', pending: true, connected: null });
    await expect(row(seller, 'Recipients', bought.email)).toContainText('Connection Pending');
    return entity;
  });

  await test.step('the buyer reads the email and chooses a flow', async () => {
    const mail = await mailTo(bought.email, `${sold.company} wants to send you leads`);
    expect(mail.text).toContain('We have leads for you.');
    expect(mail.text).not.toContain('your leads');
    await receiveLeads(buyer, linkIn(mail, '/i/'), sold.company, solar.name);
    await buyer.sees(buyer.source(sold.company).getByText('Account Source', { exact: true }));
    await expect(buyer.switch(sold.company)).toBeChecked();
  });

  const source = await test.step('both sides list each other', async () => {
    const name = bought.company;
    const connected = { pending: false, connected: 'buyer', connected_account_id: bought.accountId };
    expect(await selling.companies()).toMatchObject([{ id: entity.id, name, recipient: 'buyer', source: null, ...connected }]);
    const theirs = { source: 'seller', recipient: null, connected: 'seller', flow_ids: [solar.id] };
    expect(await buying.companies()).toMatchObject([{ name: sold.company, ...theirs }]);
    expect(await buying.get(`/flows/${roofing.id}`)).toMatchObject({ sources: [] });
    return buying.sourceOf(solar);
  });

  await test.step('the seller sends a lead', () => sendLead(selling, buying, source));

  const back = await test.step('the buyer invites the seller to receive leads', async () => {
    const { message, entity } = await buying.invite('recipient', { email: sold.email });
    expect(message).toBe('Invitation was sent successfully');
    expect(entity).toMatchObject({ name: sold.email, pending: true, recipient: 'buyer', source: null });
    const mail = await mailTo(sold.email, `${bought.company} wants to send you leads`);
    await receiveLeads(seller, linkIn(mail, '/i/'), bought.company);
    const [flow] = await selling.get<{ id: string }[]>('/flows');
    return selling.sourceOf(flow ?? { id: '' });
  });

  await test.step('they sell to each other', async () => {
    const both = { source: 'seller', recipient: 'buyer', connected: 'both' };
    expect(await selling.companies()).toMatchObject([{ id: entity.id, name: bought.company, ...both }]);
    expect(await buying.companies()).toMatchObject([{ name: sold.company, ...both }]);
    const directions = (await buying.connections()).map(({ direction }) => direction);
    expect(directions.sort()).toEqual(['buyer', 'seller']);
    await sendLead(buying, selling, back);
  });

  await test.step('the seller ends the first direction', async () => {
    await selling.disconnect(only(await selling.connections(), 'buyer'));
    await mailTo(bought.email, `${sold.company} disconnected from you`);
    expect(await submit(source, { state: 'CA' })).toEqual(REFUSED);
    await selling.meta(source, 404);
    await seller.openRefused(`/flows/${source.flow_id}/sources/${source.id}/docs`, 404);
    await buyer.open('/sources');
    await expect(row(buyer, 'Sources', sold.company)).toContainText('Account Source (Disconnected)');
  });

  await test.step('the other direction stays connected', async () => {
    expect(await selling.companies()).toMatchObject([{ id: entity.id, connected: 'seller' }]);
    expect(await buying.companies()).toMatchObject([{ connected: 'buyer' }]);
    await sendLead(buying, selling, back);
    await seller.open('/connections');
    await expect(row(seller, 'Connections', bought.company)).toContainText('sells to you');
  });
});

/** Sends a lead as the docs describe, and expects the receiver to have it. */
async function sendLead(sender: System, receiver: System, source: FlowSource): Promise<void> {
  const meta = await sender.meta<{ enabled: boolean; submit_url: string }>(source);
  expect(meta.enabled).toBe(true);
  const { status, outcome, lead } = await submit(meta, { state: 'CA' });
  expect({ status, outcome }).toEqual({ status: 201, outcome: 'success' });
  expect(await receiver.get(`/leads/${lead?.id}`)).toMatchObject({ source_id: source.id, outcome: 'success' });
}

function only(connections: Connection[], direction: 'seller' | 'buyer'): Connection {
  const fitting = connections.filter((connection) => connection.direction === direction);
  expect(fitting, `connections with a ${direction}`).toHaveLength(1);
  return fitting[0] as Connection;
}

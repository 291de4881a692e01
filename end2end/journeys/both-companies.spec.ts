/** Two companies and their systems: through the API where it has a call, in a browser where a person must act. */

import { createKey, submit, type Entity, type FlowSource, type System } from '../support/api.ts';
import { uniqueLogin, type Login } from '../support/companies.ts';
import { disconnect } from '../support/connection.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';
import type { Seller } from '../support/seller.ts';

const ID = /^[0-9a-f]{24}$/;
const REASON = 'We buy leads from California only';
const MAPPINGS = [{ property: 'state', value: '{{st}}' }];
const CRITERIA = {
  rule_set: { op: 'and', rules: [{ lhv: 'lead.state', op: 'is equal to', rhv: 'CA' }] },
  reason: REASON,
};
const REFUSED = { status: 403, outcome: 'error', reason: 'source is not enabled' };

test('a buyer invites a seller through the API, disconnects, and connects again', async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const { company } = buyer.company;
  const invited = uniqueLogin('Seller');
  const buying = await test.step('the buyer creates a key', async () => people.system(await createKey(buyer, 'Buying')));
  const flow = await buying.createFlow('Solar leads', ['state', 'age']);

  const entity = await test.step('the buyer invites the seller to the flow', async () => {
    const { message, entity } = await buying.invite('source', { email: invited.email, flow_id: flow.id });
    expect(message).toBe('Invitation was sent successfully');
    expect(entity).toMatchObject({ name: invited.email, source: 'seller', recipient: null, flow_ids: [flow.id] });
    await expectPending(buying, entity);
    return entity;
  });

  const source = await test.step('the buyer configures the pending source', async () => setUp(buying, await buying.sourceOf(flow)));
  expect(source).toMatchObject({ name: invited.email, entity_id: entity.id, state: 'pending', enabled: false });
  expect(await submit(source, { st: 'CA' })).toEqual(REFUSED);

  await test.step('the seller accepts as a new company', async () => {
    await openInvitation(seller, invited, company);
    await seller.createAccount(invited);
    await seller.accept(invited.company, company);
  });
  const selling = await test.step('the seller creates a key', async () => people.system(await createKey(seller, 'Selling')));

  await test.step('both are connected, and the setup is kept', async () => {
    await expectConnected(buying, entity, invited.company);
    expect(await buying.sourceOf(flow)).toMatchObject(connected(source, invited.company));
    const [theirs, ...others] = await selling.companies();
    expect(others).toEqual([]);
    expect(theirs).toMatchObject({ name: company, source: null, recipient: 'buyer', connected: 'buyer', pending: false });
  });

  await test.step('the seller reads the docs and sends two leads', async () => {
    const meta = await selling.meta<Meta>(source);
    expect(meta).toMatchObject({ enabled: true, account: { name: company }, flow: { id: flow.id }, submit_url: source.submit_url });
    expect(meta.params).toContainEqual(expect.objectContaining({ name: 'st', variable: 'lead.state' }));
    const lead = { id: expect.stringMatching(ID) };
    expect(await submit(meta, { st: 'CA', age: '42' })).toMatchObject({ status: 201, outcome: 'success', lead });
    expect(await submit(meta, { st: 'NV' })).toMatchObject({ status: 201, outcome: 'failure', reason: REASON, lead });
  });

  await test.step('the buyer sees both', async () => {
    expect(await buying.get(`/leads?source_id=${source.id}`)).toMatchObject([
      { outcome: 'failure', reason: REASON, fields: { state: { value: 'NV' } }, source_name: invited.company },
      { outcome: 'success', reason: null, fields: { state: { value: 'CA' } }, flow_name: flow.name },
    ]);
    const counts = { submitted: 2, accepted: 1, rejected: 1, errors: 0, refused: 1, test: 0 };
    expect(await buying.get('/stats/sources')).toMatchObject([{ source_id: source.id, flow_id: flow.id, ...counts }]);
  });

  await test.step('the buyer disconnects', async () => {
    await disconnect(buyer, invited.company, `${invited.company} loses access to 1 flow.`);
    await mailTo(invited.email, `${company} disconnected from you`);
    expect(await submit(source, { st: 'CA' })).toEqual(REFUSED);
    await selling.meta(source, 404);
    await seller.openRefused(`/flows/${flow.id}/sources/${source.id}/docs`, 404);
    expect(await selling.connections()).toMatchObject([{ account_name: company, disconnected_at: expect.any(String) }]);
    expect(await buying.entity(entity.id)).toMatchObject({ name: invited.company, connected: null, pending: false });
    await buyer.openSources(flow);
    const row = buyer.source(invited.company);
    await buyer.sees(row.getByText('Account Source (Disconnected)', { exact: true }));
    await buyer.sees(row.getByText('Turned off by disconnect', { exact: false }));
  });

  await test.step('the buyer invites again, and the same company accepts', async () => {
    const { entity } = await buying.invite('source', { email: invited.email });
    await expectPending(buying, entity);
    expect(await submit(source, { st: 'CA' }), 'not before it is accepted').toEqual(REFUSED);
    await openInvitation(seller, invited, company, 2);
    await seller.accept(invited.company, company);
  });

  await test.step('the same source accepts leads again', async () => {
    await expectConnected(buying, entity, invited.company);
    expect(await buying.sourceOf(flow)).toMatchObject(connected(source, invited.company));
    expect(await submit(source, { st: 'CA' })).toMatchObject({ status: 201, outcome: 'success' });
    expect(await selling.meta<Meta>(source)).toMatchObject({ enabled: true });
    const [counts] = await buying.get<unknown[]>('/stats/sources');
    expect(counts).toMatchObject({ source_id: source.id, submitted: 3, accepted: 2, refused: 3 });
  });
});

interface Meta {
  enabled: boolean;
  submit_url: string;
  params: { name: string; variable: string }[];
}

/** Opens the invitation through the link of its latest email. */
async function openInvitation(seller: Seller, { email }: Login, from: string, count = 1): Promise<void> {
  const mail = await mailTo(email, `${from} invites you to connect`, count);
  expect(mail.text).toContain('expires on');
  await seller.openInvitation(linkIn(mail, '/i/'), from);
}

async function setUp(buying: System, source: FlowSource): Promise<FlowSource> {
  const changed = await buying.change(source, { mappings: MAPPINGS, acceptance_criteria: CRITERIA });
  expect(changed).toMatchObject({ id: source.id, mappings: MAPPINGS, acceptance_criteria: CRITERIA });
  return changed;
}

async function expectPending(system: System, { id }: Entity): Promise<void> {
  const expected = { id, pending: true, expired: false, connected: null, connected_account_id: null };
  expect(await system.entity(id)).toMatchObject({ ...expected, invitation_expires_at: expect.any(String) });
}

/** Expects the entity to have its old id and the name of its company. */
async function expectConnected(system: System, { id }: Entity, name: string): Promise<void> {
  const expected = { id, name, source: 'seller', pending: false, expired: false, connected: 'seller', deprecated: false };
  const account = { connected_account_id: expect.stringMatching(ID), invitation_expires_at: null };
  expect(await system.entity(id)).toMatchObject({ ...expected, ...account });
}

/** What a connected source must have: its old setup, the name of its company, and being on. */
function connected({ id, entity_id, mappings, acceptance_criteria }: FlowSource, name: string): Partial<FlowSource> {
  return { id, entity_id, mappings, acceptance_criteria, name, state: 'connected', enabled: true };
}

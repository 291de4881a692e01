/** The main job: a buyer invites a seller from a flow, and the seller signs up and sends leads. */

import { uniqueLogin, type Login } from '../support/companies.ts';
import type { Buyer, Flow, Source } from '../support/buyer.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';
import type { Seller } from '../support/seller.ts';

const PENDING = 'Account Source (Connection Pending)';
const REASON = 'We buy leads from California only';

test('a new company accepts, keeps the setup, and sends leads', async ({ people, site }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const invited = uniqueLogin('Seller');
  const flow = await buyer.createFlow('Solar leads', ['State', 'Age']);

  await test.step('invite', async () => {
    await buyer.invite(invited.email, 'We would like to buy your leads.');
    await expect(buyer.source(invited.email).getByText(PENDING, { exact: true })).toBeVisible();
    await expect(buyer.switch(invited.email)).not.toBeChecked();
    await expect(buyer.switch(invited.email)).toBeDisabled();
  });

  const source = await test.step('configure the pending source', () => setUp(buyer, flow, invited));
  const submit = `${site.url}/flows/${flow.id}/sources/${source.id}/submit`;

  await test.step('the pending source rejects leads', async () => {
    const response = await fetch(submit, { method: 'POST', body: new URLSearchParams({ st: 'CA' }) });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ outcome: 'error', reason: 'source is not enabled' });
  });

  await test.step('accept as a new company', async () => {
    await buyer.openSources(flow);
    await acceptAsNewCompany(seller, invited, buyer.company.company);
  });

  await test.step("the buyer's open page updates by itself", async () => {
    await buyer.awaitChange();
    await buyer.sees(buyer.source(invited.company).getByText('Account Source', { exact: true }));
    await expect(buyer.switch(invited.company)).toBeChecked();
    await expect(await buyer.cell(invited.company, 'Field Mappings')).toHaveText(/^\s*1\b/);
    await expect(await buyer.cell(invited.company, 'Acceptance Criteria')).toHaveText(/^\s*2\b/);
    await expect(buyer.page.getByText(PENDING, { exact: true })).toHaveCount(0);
    await mailTo(buyer.company.email, `${invited.company} accepted your invitation`);
  });

  await test.step('the setup is kept', async () => {
    expect((await buyer.openSource(flow, invited.company)).id).toBe(source.id);
    await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');
    await buyer.openCriteria();
    await expect(buyer.page.locator('[name$="-field"]')).toHaveCount(2);
    await expect(buyer.field('Reason')).toHaveValue(REASON);
  });

  const command = await test.step('read the Submission Docs', () => readDocs(seller, buyer.company.company, flow, submit));

  await test.step('send two leads with the command shown', async () => {
    const accepted = await seller.runCommand(command, { st: 'CA', age: '42' });
    expect(accepted).toMatchObject({ outcome: 'success', lead: { id: expect.stringMatching(/^[0-9a-f]{24}$/) } });
    const rejected = await seller.runCommand(command, { st: 'NV', age: '42' });
    expect(rejected).toMatchObject({ outcome: 'failure', reason: REASON });
  });

  await test.step('both sides see both leads', async () => {
    for (const leads of [await buyer.openLeads(flow), await seller.openBuyer(buyer.company.company)]) {
      await expect(leads.getByRole('row').filter({ hasText: REASON })).toHaveCount(1);
      await expect(leads.locator('tbody').getByRole('row')).toHaveCount(2);
    }
  });
});

test('the invitation email says who invites, to what, and when it expires', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  const invited = uniqueLogin('Seller');
  const note = 'Hello & welcome,\nwe pay <b>well</b>.';
  await buyer.createFlow('Mortgage leads');
  await buyer.openInvitation();
  await buyer.fill({ 'Company Email': invited.email, 'Add a personal note': note });
  await buyer.button('Send Invite').click();
  await buyer.sees(buyer.source(invited.email));

  const mail = await mailTo(invited.email, buyer.company.company);
  for (const words of [buyer.company.name, buyer.company.company, 'Hello & welcome,', 'we pay <b>well</b>.', 'expires on']) {
    expect(mail.text).toContain(words);
  }
  expect(mail.html).toContain('Hello &amp; welcome,');
  expect(mail.html).not.toContain('<b>well</b>');
  expect(new URL(linkIn(mail, '/i/')).pathname).toMatch(/^\/i\/[\w-]{40,}$/);
  expect(mail.headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'message-id': expect.any(String) });
  expect(mail.headers['reply-to']).toContain(buyer.company.email);
});

test('an address with a pending invitation gets no second email', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  const invited = uniqueLogin('Seller');
  await buyer.createFlow('First flow');
  await buyer.invite(invited.email);
  await mailTo(invited.email);
  await buyer.createFlow('Second flow');
  await buyer.openInvitation();
  await buyer.fill({ 'Company Email': `  ${invited.email.toUpperCase()}  `, 'Add a personal note': 'Once more' });
  await buyer.button('Send Invite').click();
  await buyer.sees(buyer.source(invited.email).getByText(PENDING, { exact: true }));
  await buyer.seesMessage('already invited');
  expect(await mailsTo(invited.email)).toHaveLength(1);
});

/** One mapping and two rules. */
async function setUp(buyer: Buyer, flow: Flow, invited: Login): Promise<Source> {
  const source = await buyer.openSource(flow, invited.email);
  await buyer.addMapping('State', 'st');
  await buyer.save();
  await buyer.openCriteria();
  await buyer.addRule({ field: 'State', operator: 'is equal to', value: 'CA' });
  await buyer.addRule({ field: 'Age', operator: 'is greater than', value: '20' });
  await buyer.field('Reason').fill(REASON);
  await buyer.save();
  return source;
}

async function acceptAsNewCompany(seller: Seller, invited: Login, buyer: string): Promise<void> {
  const mail = await mailTo(invited.email, buyer);
  await seller.openInvitation(linkIn(mail, '/i/'), buyer);
  await seller.createAccount(invited);
  await seller.accept(invited.company, buyer);
  await mailTo(invited.email, `connected with ${buyer}`);
}

/** The docs use the seller's parameter names, not the fields they are mapped to. */
async function readDocs(seller: Seller, buyer: string, flow: Flow, submit: string): Promise<string> {
  await seller.openDocs(buyer, flow.name);
  for (const name of ['Overview', 'Submission URL', 'Fields', 'Acceptance Criteria', 'Authentication', 'Examples']) {
    await expect(seller.page.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  const docs = seller.page.getByRole('main');
  await expect(docs).toContainText(submit);
  await expect(docs).toContainText('State is equal to CA');
  await expect(docs.getByRole('row').filter({ hasText: 'State' }).getByText('st', { exact: true })).toBeVisible();
  return seller.shownCommand();
}

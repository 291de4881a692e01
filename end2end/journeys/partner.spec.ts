/** A supplier as a partner: its sources, its people, and what they see. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { invite, openTab, remove, revoke, row } from '../support/partner.ts';

test("partner users see their partner's performance and lose access when removed", async ({ people, site }) => {
  test.slow();
  const [buyer, admin, user] = await Promise.all([people.buyer(), people.partnerPerson(), people.partnerPerson()]);
  const { company } = buyer.company;
  const [ada, uwe] = [uniqueLogin('Ada'), uniqueLogin('Uwe')];
  const name = `Harbor ${ada.company}`;
  const flow = await buyer.createFlow('Solar leads', ['State']);
  const sources = ['Harbor web form', 'Harbor call centre'];
  for (const source of sources) await buyer.createCustomSource(source);
  const source = await buyer.openSource(flow, 'Harbor web form');
  const submit = `${site.url}/flows/${flow.id}/sources/${source.id}/submit`;

  const partner = await test.step('create the partner', () => buyer.createPartner(name));

  await test.step('assign two sources', async () => {
    await openTab(buyer, 'Partner', 'Sources');
    await buyer.link('Assign sources').first().click();
    await buyer.arrivesAt('Assign sources');
    for (const each of sources) await buyer.page.getByRole('checkbox', { name: new RegExp(each) }).check();
    await buyer.button('Assign').click();
    await buyer.seesMessage(/assigned/);
    for (const each of sources) await expect(row(buyer, 'Sources', `Solar leads · ${each}`)).toHaveCount(1);
  });

  await test.step('leads come in', async () => {
    const response = await fetch(submit, { method: 'POST', body: new URLSearchParams({ state: 'CA' }) });
    expect(response.status).toBe(201);
  });

  await test.step('invite a Partner Admin', async () => {
    await openTab(buyer, 'Partner', 'Invites');
    await buyer.watch.refusal(422, () => invite(buyer, 'Invite User', 'nonsense', 'Partner Admin'));
    await buyer.seesFieldError('Email', 'Enter an email address like name@example.com.', 'nonsense');
    await buyer.field('Email').fill(ada.email);
    await buyer.button('Send invite').click();
    await buyer.seesMessage('Invitation sent.');
    await expect(row(buyer, 'Pending invitations', ada.email)).toContainText('Partner Admin');
  });

  await test.step('she signs up from the email', async () => {
    await admin.joinByMail(ada, name, name);
    expect(await admin.tabs()).toEqual(['Performance', 'Leads', 'Submission Docs', 'Profile', 'Users', 'Invites']);
    await expect(admin.page.getByRole('main')).toContainText(company);
  });

  await test.step('she invites a Partner User', async () => {
    await openTab(admin, 'Portal', 'Invites');
    await invite(admin, 'Invite User', uwe.email, 'Partner User');
    await admin.seesMessage('Invitation sent.');
    await user.joinByMail(uwe, name, name);
  });

  await test.step('he sees performance, leads and docs, and nothing he has no permission for', async () => {
    expect(await user.tabs()).toEqual(['Performance', 'Leads', 'Submission Docs', 'Profile']);
    await expect(user.page.getByRole('main')).toContainText('Harbor web form');
    await openTab(user, 'Portal', 'Leads');
    await expect(user.page.getByRole('table', { name: 'Leads' }).locator('tbody').getByRole('row')).toHaveCount(1);
    await openTab(user, 'Portal', 'Profile');
    await expect(user.page.getByRole('main').getByRole('button', { name: 'Save' })).toHaveCount(0);
    for (const page of ['users', 'invites', 'invites/new']) await user.openRefused(`/portal/${partner}/${page}`, 403);
    await user.openRefused(`/partners/${partner}`, 404);
    await user.openRefused(`/flows/${flow.id}/sources`, 404);
  });

  await test.step('he sends a test lead', async () => {
    await user.open(`/portal/${partner}/docs`);
    await row(user, 'Submission Docs', 'Harbor web form').getByRole('link').click();
    await user.sees(user.page.getByRole('heading', { name: 'Send a test lead' }));
    await expect(user.page.getByRole('button', { name: /rotate|create credential/i })).toHaveCount(0);
    await user.page.getByRole('main').getByLabel(/^state/).fill('CA');
    await user.button('Send test lead').click();
    await user.sees(user.page.getByText('success').first());
    await user.open(`/portal/${partner}/leads`);
    await expect(user.page.getByRole('table', { name: 'Leads' }).locator('tbody').getByRole('row')).toHaveCount(2);
  });

  await test.step('the buyer removes her while her page is open', async () => {
    await admin.open(`/portal/${partner}/users`);
    await openTab(buyer, 'Partner', 'Users');
    await remove(buyer, ada.name);
    await buyer.seesMessage('They no longer have access.');
    await expect(row(buyer, 'Users', ada.name)).toHaveCount(0);
  });

  await test.step('her next click shows that she has no access', async () => {
    await admin.watch.refusal(404, () =>
      admin.page.getByRole('navigation', { name: 'Portal', exact: true }).getByRole('link', { name: 'Leads' }).click(),
    );
    await admin.sees(admin.page.getByText(`You no longer have access to ${name}.`, { exact: false }));
    await expect(admin.page.getByRole('table')).toHaveCount(0);
  });
});

test('a revoked invitation to join cannot be accepted', { tag: '@once' }, async ({ people }) => {
  const [buyer, admin] = await Promise.all([people.buyer(), people.partnerPerson()]);
  const ada = uniqueLogin('Ada');
  const name = `Harbor ${ada.company}`;
  await buyer.createPartner(name);
  await openTab(buyer, 'Partner', 'Invites');
  await invite(buyer, 'Invite User', ada.email, 'Partner Admin');
  await buyer.seesMessage('Invitation sent.');
  const link = await admin.openMail(ada, name);
  await admin.link('Create account').click();
  await admin.sees(admin.field('Your name'));

  await revoke(buyer, ada.email);
  await buyer.seesMessage('Invitation revoked.');
  await expect(row(buyer, 'Pending invitations', ada.email)).toHaveCount(0);

  await admin.fill({ 'Your name': ada.name, Password: ada.password });
  await admin.watch.refusal(410, () => admin.button('Create account').click());
  await admin.arrivesAt('This invitation was revoked');
  await admin.openRefused(link, 410);
  await admin.arrivesAt('This invitation was revoked');
});

test('after a resend the older link points to the newer one, which works', { tag: '@once' }, async ({ people }) => {
  const [buyer, admin] = await Promise.all([people.buyer(), people.partnerPerson()]);
  const ada = uniqueLogin('Ada');
  const name = `Harbor ${ada.company}`;
  await buyer.createPartner(name);
  await openTab(buyer, 'Partner', 'Invites');
  await invite(buyer, 'Invite User', ada.email, 'Partner User');
  await buyer.seesMessage('Invitation sent.');
  const older = await admin.openMail(ada, name);

  await buyer.resendLater(ada.email);

  await admin.openRefused(older, 410);
  await admin.arrivesAt('A newer invitation was sent');
  await expect(admin.page.getByRole('main')).not.toContainText(name);
  await admin.joinByMail(ada, name, name, 2);
});

test('members join an account the same way, and their roles can be changed in the list', async ({ people }) => {
  const [buyer, member] = await Promise.all([people.buyer(), people.partnerPerson()]);
  const { company } = buyer.company;
  const max = uniqueLogin('Max');
  await buyer.open('/settings/members');
  await invite(buyer, 'Invite member', max.email, 'Manager');
  await buyer.seesMessage('Invitation sent.');
  await member.joinByMail(max, company, company);
  await buyer.open('/settings/members');
  const theirs = row(buyer, 'Members', max.name);
  await theirs.getByRole('combobox', { name: `Role of ${max.name}` }).selectOption({ label: 'Viewer' });
  await theirs.getByRole('button', { name: /^Save role/ }).click();
  await buyer.seesMessage('Role changed.');
  await member.openRefused('/flows/new', 403);
  const mine = row(buyer, 'Members', buyer.company.name);
  await mine.locator('summary').click();
  await buyer.watch.refusal(409, () => mine.getByRole('button', { name: /^Remove/ }).click());
  await buyer.sees(buyer.page.getByText('The last Admin cannot be removed', { exact: false }));
});

/** The main job without a mouse: Tab, Enter, Space and the arrows. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { Keys } from '../support/keys.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a flow is created, a seller invited, and the invitation accepted with the keyboard only', { tag: '@needs-keyboard' }, async ({ people }) => {
  test.slow();
  const [buyer, seller, company] = await Promise.all([people.visitor(), people.seller(), people.company('Buyer', { plan: 'base' })]);
  const invited = uniqueLogin('Seller');
  const keys = new Keys(buyer);
  const { page } = buyer;

  await test.step('sign in', async () => {
    await buyer.open('/signin');
    await keys.type('Email', company.email);
    await keys.type('Password', company.password);
    await keys.press('Enter', buyer.field('Password'), page.getByRole('heading', { level: 1, name: company.company }));
  });

  await test.step('create a flow', async () => {
    await keys.press('Enter', buyer.link('New flow'), buyer.field('Flow name'));
    await keys.type('Flow name', 'Solar leads');
    const state = page.getByRole('checkbox', { name: 'Credit Rating' });
    await keys.reach(state);
    await page.keyboard.press('Space');
    await expect(state).toBeChecked();
    await keys.press('Enter', buyer.button('Create flow'), buyer.control('Add Source'));
  });

  await test.step('invite', async () => {
    const choice = page.getByRole('combobox', { name: 'Select a source' });
    await keys.press('Enter', buyer.control('Add Source'), choice);
    await keys.reach(choice);
    const [invite, custom] = [page.getByRole('radio', { name: 'Invite Partner' }), page.getByRole('radio', { name: 'Custom Source' })];
    await keys.press('Enter', buyer.control('Create a new source'), invite);
    await keys.reach(invite);
    await page.keyboard.press('ArrowDown');
    await expect(custom).toBeChecked();
    await page.keyboard.press('ArrowUp');
    await expect(invite).toBeChecked();
    await keys.keepsFocus();
    await keys.press('Enter', buyer.button('Next'), buyer.field('Company Email'));
    await keys.type('Company Email', 'nobody@');
    await buyer.watch.refusal(422, () => keys.press('Enter', buyer.field('Company Email'), page.locator('[aria-invalid=true]')));
    await expect(buyer.field('Company Email')).toBeFocused();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(invited.email);
    await keys.type('Add a personal note', 'We would like to buy your leads.');
    await keys.press('Space', buyer.button('Send Invite'), buyer.link(invited.email));
  });

  await test.step('closing a menu keeps the focus on it', async () => {
    const menu = buyer.button(`Actions for ${invited.email}`);
    const resend = buyer.button('Resend');
    await keys.press('Enter', menu, resend);
    if (buyer.hasScript) {
      await page.keyboard.press('Tab');
      await expect(buyer.link('Submission Docs').last()).toBeFocused();
      await page.keyboard.press('ArrowUp');
      await expect(buyer.link('Remove')).toBeFocused();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await expect(resend).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(menu).toBeFocused();
      await keys.press('Enter', menu, resend);
    }
    await buyer.watch.refusal(429, () => keys.press('Enter', resend, page.getByText('less than a minute ago')));
  });

  await test.step('accept', async () => {
    const hands = new Keys(seller);
    await seller.openInvitation(linkIn(await mailTo(invited.email, company.company), '/i/'), company.company);
    await hands.press('Enter', seller.link('Create account'), seller.field('Your name'));
    await hands.type('Your name', invited.name);
    await hands.type('Company name', invited.company);
    await hands.type('Password', invited.password);
    await hands.press('Enter', seller.button('Create account'), seller.button('Accept Invite to Connect'));
    await hands.reach(seller.page.getByRole('combobox', { name: 'Accept as' }));
    const docs = seller.page.getByRole('heading', { level: 1, name: 'Submission Docs' });
    await hands.press('Enter', seller.button('Accept Invite to Connect'), docs);
    await hands.press('Enter', seller.button('Fill with example'), seller.button('Send test lead'));
    await hands.press('Enter', seller.button('Send test lead'), seller.page.getByText('Test lead accepted.'));
  });
});

test('actions that update the page in place keep the focus', { tag: ['@needs-script', '@needs-keyboard'] }, async ({ people }) => {
  const [buyer, seller, known] = await Promise.all([people.buyer(), people.visitor(), people.company('Seller', { plan: 'partners' })]);
  await buyer.createFlow('Solar leads');
  await buyer.invite(known.email);
  await seller.signIn(known);
  await seller.open('/');
  const keys = new Keys(seller);
  const { company } = buyer.company;
  await keys.press('Enter', seller.link('Decline'), seller.button(`Decline ${company}`));
  await expect(seller.button(`Decline ${company}`)).toBeFocused();
  await keys.press('Enter', seller.button(`Decline ${company}`), seller.page.getByText('You declined the invitation.'));
});

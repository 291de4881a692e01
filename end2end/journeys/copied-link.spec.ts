/** A link that was handed on proves no address: who follows it confirms one by a mail, and then goes on. */

import { newcomer } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a copied link is accepted under an address that was confirmed first', async ({ cast }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([cast.buyer(), cast.seller()]);
  const { company } = buyer.company;
  const [invited, other] = [newcomer('Invited'), newcomer('Seller')];
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(invited.email);
  const mailed = linkIn(await mailTo(invited.email, company), '/i/');

  const copied = await test.step('make a link', async () => {
    await buyer.openActions(invited.email);
    await buyer.action(invited.email, 'Copy link').click();
    await buyer.arrivesAt('Copy link');
    await buyer.button('Copy link').click();
    const shown = buyer.page.getByRole('region', { name: 'Invitation link' });
    await buyer.sees(shown);
    return (await shown.innerText()).trim();
  });
  expect(copied).not.toBe(mailed);

  await test.step('it is shown this once', async () => {
    await buyer.open(new URL(buyer.page.url()).pathname);
    await expect(buyer.page.getByText(copied)).toHaveCount(0);
  });

  await test.step('sign up under an address of one’s own', async () => {
    await seller.openInvitation(copied, company);
    await seller.link('Create account').click();
    await seller.sees(seller.field('Your name'));
    await seller.fill({ 'Your name': other.name, 'Company name': other.company, Email: other.email, Password: other.password });
    await seller.button('Create account').click();
    await seller.arrivesAt('Check your email');
    await expect(seller.button('Accept Invite to Connect')).toHaveCount(0);
    const mail = await mailTo(other.email, 'Confirm your email address');
    await seller.open(linkIn(mail, '/verify/'));
    await seller.button('Confirm address').click();
    await seller.arrivesAt(`${company} invites you to connect`);
  });

  await test.step('accept under the other address', async () => {
    const main = seller.page.getByRole('main');
    await expect(main).toContainText(invited.email);
    await expect(main).toContainText(other.email);
    await seller.chooseCompany(other.company);
    await seller.watch.refusal(422, () => seller.button('Accept Invite to Connect').click());
    await expect(seller.page.getByRole('checkbox')).toHaveAttribute('aria-invalid', 'true');
    await seller.look();
    await seller.page.getByRole('checkbox').check();
    await seller.accept(other.company, company);
  });

  const told = await mailTo(buyer.company.email, `${other.company} accepted your invitation`);
  expect(told.text).toContain(invited.email);
  expect(told.text).toContain(other.email);
  await buyer.openSources(flow);
  await expect(buyer.switch(other.company)).toBeChecked();

  await test.step('the mailed link has ended with it', async () => {
    const late = await cast.visitor();
    await late.openRefused(mailed, 410);
    await late.arrivesAt('This invitation was already accepted');
    await expect(late.page.getByText(other.company)).toHaveCount(0);
  });
});

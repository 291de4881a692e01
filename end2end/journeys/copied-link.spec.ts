/** A copied link verifies no address, so its user confirms one by email before accepting. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('an invitation is accepted through a copied link once the address is confirmed', async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const { company } = buyer.company;
  const [invited, other] = [uniqueLogin('Invited'), uniqueLogin('Seller')];
  const flow = await buyer.createFlow('Solar leads');
  await buyer.invite(invited.email);
  const mailed = linkIn(await mailTo(invited.email, company), '/i/');

  const copied = await test.step('copy a link', async () => {
    await buyer.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await buyer.source(invited.email).getByRole('button', { name: 'Copy link', exact: true }).click();
    if (buyer.hasScript) {
      await buyer.seesMessage(/^Link copied\./);
      return buyer.page.evaluate(() => navigator.clipboard.readText());
    }
    const shown = buyer.page.getByRole('region', { name: 'Invitation link' });
    await buyer.sees(shown);
    return (await shown.innerText()).trim();
  });
  expect(copied).not.toBe(mailed);

  await test.step('it is shown at most once', async () => {
    await buyer.open(new URL(buyer.page.url()).pathname);
    await expect(buyer.page.getByText(copied)).toHaveCount(0);
  });

  await test.step('sign up with another address', async () => {
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

  await test.step('accept under that address', async () => {
    const main = seller.page.getByRole('main');
    await expect(main).toContainText(invited.email);
    await expect(main).toContainText(other.email);
    await seller.chooseCompany(other.company);
    await seller.watch.refusal(422, () => seller.button('Accept Invite to Connect').click());
    await expect(seller.page.getByRole('checkbox')).toHaveAttribute('aria-invalid', 'true');
    await seller.checkPage();
    await seller.page.getByRole('checkbox').check();
    await seller.accept(other.company, company);
  });

  const notice = await mailTo(buyer.company.email, `${other.company} accepted your invitation`);
  expect(notice.text).toContain(invited.email);
  expect(notice.text).toContain(other.email);
  await buyer.openSources(flow);
  await expect(buyer.switch(other.company)).toBeChecked();

  await test.step('the emailed link no longer works either', async () => {
    const late = await people.visitor();
    await late.openRefused(mailed, 410);
    await late.arrivesAt('This invitation was already accepted');
    await expect(late.page.getByText(other.company)).toHaveCount(0);
  });
});

/** The profile: a forgotten password, and changes to name, address, password and emails. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

test('a forgotten password is reset through an emailed link', async ({ people }) => {
  const [visitor, known] = await Promise.all([people.visitor(), people.company('Buyer', { plan: 'base' })]);
  await visitor.open('/signin');
  await visitor.link('Forgot your password?').click();
  await visitor.arrivesAt('Forgot your password?');
  await visitor.fill({ Email: known.email });
  await visitor.button('Send reset link').click();
  await visitor.arrivesAt('Check your email');

  const link = linkIn(await mailTo(known.email, 'Set a new password'), '/reset/');
  await visitor.open(link);
  await visitor.arrivesAt('Set a new password');
  await visitor.fill({ Password: 'short' });
  await visitor.watch.refusal(422, () => visitor.button('Set password').click());
  await visitor.seesFieldError('Password', 'Use at least 8 characters.', '');
  await visitor.fill({ Password: 'another correct horse' });
  await visitor.button('Set password').click();
  await visitor.seesMessage('Password set.');
  await mailTo(known.email, 'Your Accord password was changed');

  const other = await people.visitor();
  await other.openRefused(link, 410);
  await other.open('/signin');
  await other.watch.refusal(401, () => other.fillSignIn(known.email, known.password));
  await other.signIn({ ...known, password: 'another correct horse' });
});

test('a person changes name, password and email settings, and signs out another browser', async ({ people }) => {
  const buyer = await people.buyer();
  const { company } = buyer;
  await buyer.open('/');
  await buyer.openMenu();
  await buyer.link('Your profile').click();
  await buyer.arrivesAt('Your profile');

  await test.step('the name', async () => {
    await buyer.fill({ 'Your name': 'Ann Other' });
    await buyer.button('Save name').click();
    await buyer.seesMessage('Name saved.');
    await expect(buyer.field('Your name')).toHaveValue('Ann Other');
  });

  await test.step('another browser', async () => {
    const phone = await people.visitor();
    await phone.signIn(company);
    await buyer.open('/me');
    const row = buyer.page.getByRole('listitem').filter({ hasText: 'last seen' }).filter({ hasNotText: 'This browser' });
    await row.getByRole('button', { name: 'Sign out' }).click();
    await buyer.seesMessage('Browser signed out.');
    await phone.page.goto('/flows');
    await expect(phone.page).toHaveURL(/\/signin/);
    await phone.checkPage();
  });

  await test.step('the emails', async () => {
    await buyer.page.getByLabel('Emails about Submission Docs').uncheck();
    await buyer.button('Save notifications').click();
    await buyer.seesMessage('Notifications saved.');
    await expect(buyer.page.getByLabel('Emails about Submission Docs')).not.toBeChecked();
  });

  await test.step('the password', async () => {
    await buyer.fill({ 'Current password': 'wrong horse', 'New password': 'another correct horse' });
    await buyer.watch.refusal(422, () => buyer.button('Change password').click());
    await buyer.seesFieldError('Current password', 'This is not your current password.', '');
    await buyer.fill({ 'Current password': company.password, 'New password': 'another correct horse' });
    await buyer.button('Change password').click();
    await buyer.seesMessage('Password changed.');
  });
});

test('an address changes when the new one is confirmed', { tag: '@once' }, async ({ people }) => {
  const buyer = await people.buyer();
  const { company } = buyer;
  const { email } = uniqueLogin('Buyer');
  await buyer.open('/me');
  await buyer.fill({ Email: email, 'Your password': company.password });
  await buyer.button('Change address').click();
  await buyer.seesMessage('We sent an email to the new address.');
  await mailTo(company.email, 'Your email address for Accord is about to change');
  await buyer.open(linkIn(await mailTo(email, 'Confirm your new email address'), '/verify/'));
  await expect(buyer.page.getByRole('main')).toContainText(email);
  await buyer.button('Confirm address').click();
  await buyer.seesMessage('Email address changed.');
  await expect(buyer.field('Email')).toHaveValue(email);
  const other = await people.visitor();
  await other.signIn({ ...company, email });
});

test('the confirmation email of a sign-up is resent with one click', { tag: '@once' }, async ({ people }) => {
  const visitor = await people.visitor();
  const login = uniqueLogin('Buyer');
  await visitor.open('/signup');
  await visitor.fill({ 'Your name': login.name, 'Company name': login.company, Email: login.email, Password: login.password });
  await visitor.button('Create account').click();
  await visitor.arrivesAt('Check your email');
  const first = linkIn(await mailTo(login.email), '/verify/');
  await visitor.button('Resend email').click();
  await visitor.seesMessage('Email resent.');
  await expect.poll(async () => linkIn(await mailTo(login.email), '/verify/') !== first).toBe(true);
  await visitor.open(linkIn(await mailTo(login.email), '/verify/'));
  await visitor.button('Confirm address').click();
  await visitor.seesMessage('Welcome to Accord.');
});

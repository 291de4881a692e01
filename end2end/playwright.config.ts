import { defineConfig, devices } from '@playwright/test';
import { CHROMIUM } from './support/settings.ts';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

export default defineConfig({
  testDir: './journeys',
  outputDir: './test-results',
  globalSetup: './support/stage.ts',
  fullyParallel: true,
  forbidOnly: true,
  // A browser on a machine of somebody else can stall. A second attempt is listed with the error of the first.
  retries: process.env.CI === 'true' ? 1 : 0,
  workers: 3,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/results.json' }]],
  use: {
    ...devices['Desktop Chrome'],
    locale: 'en-US',
    timezoneId: 'UTC',
    // Nothing fades in while its contrast is measured.
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    // Recording every step takes a fifth of the time of all tests: `make e2e ARGS="--trace retain-on-failure"`.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // `@once`: the server decides everything in it, so script and width make no difference.
  projects: [
    { name: 'hydrated' },
    { name: 'no-script', use: { javaScriptEnabled: false }, grepInvert: /@needs-script|@once/ },
    { name: 'phone', use: phone, grepInvert: /@needs-keyboard|@once/ },
  ],
});

// The programs that tests drive. Debian's are taken: nothing is downloaded past the package manager.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [
  process.env.HEARSAY_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Chromium without its windows, as Debian packages it: what Playwright drives unless told otherwise. */
const headless = '/usr/bin/chromium-headless-shell'

/** Looked for as test/web/firefox.test.ts does. */
const firefoxes = [process.env.HEARSAY_FIREFOX ?? '', '/usr/bin/firefox-esr', '/usr/bin/firefox']

const starts = (program, flag) => spawnSync(program, [flag]).status === 0

/** A Chromium that starts: Ubuntu's package of that name is a hint at a snap, and does not without snapd. */
const chromium = () => places.find((file) => file && existsSync(file) && starts(file, '--version'))

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/**
 * Makes sure of what is wanted, each by the name of its Debian package: as root on Debian or Ubuntu, what is missing is
 * installed. Throws with the command to run where something needed is missing still.
 */
function bring(wanted) {
  const missing = wanted.filter(({ there }) => !there()).map(({ name }) => name)
  if (!missing.length) return
  const byApt = existsSync('/usr/bin/apt-get')
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  const root = process.getuid?.() === 0
  if (byApt && root) {
    console.log(`Installing ${missing.join(', ')}, for the tests ...`)
    // The lists may be missing, or so old that they name files which are gone: then they are fetched, and it is tried again.
    if (!apt('-qq', ...install) && apt('-qq', 'update') && !apt('-qq', ...install)) {
      // One that this system does not have (Ubuntu has no firefox-esr) keeps apt from all: then each by itself.
      for (const name of missing) apt('-qq', ...install.slice(0, -missing.length), name)
    }
  }
  const still = wanted.filter(({ needed, there }) => needed && !there()).map(({ name }) => name)
  if (!still.length) return
  const sudo = root ? '' : 'sudo '
  const how = byApt
    ? `${sudo}apt-get update && ${sudo}apt-get ${install.join(' ')} (Chromium on Ubuntu: ${sudo}snap install chromium)`
    : process.platform === 'darwin'
      ? `brew install ${still.join(' ')}`
      : 'see its own page; HEARSAY_CHROMIUM takes the path of a Chromium elsewhere'
  throw new Error(
    `The tests need ${still.join(' and ')}, which can't be started here. To install: ${how}`,
  )
}

/**
 * Makes sure of the programs that tests drive, and answers the paths of Chromium: whole, and without its windows (the whole one
 * does for it where there is no such package, and takes more than twice the time). openssl makes the certificates of tests that
 * speak TLS. In Firefox the page is used as well, and by strace tests see that what is acknowledged has been fsynced: without them
 * those tests are skipped, and counted as skipped.
 */
export function programs() {
  bring([
    { name: 'chromium', needed: true, there: () => chromium() !== undefined },
    {
      name: 'chromium-headless-shell',
      needed: false,
      there: () => existsSync(headless),
    },
    { name: 'openssl', needed: true, there: () => starts('openssl', 'version') },
    {
      name: 'firefox-esr',
      needed: false,
      there: () => firefoxes.some((file) => existsSync(file)),
    },
    {
      name: 'strace',
      needed: false,
      there: () => process.platform !== 'linux' || starts('strace', '-V'),
    },
  ])
  const whole = chromium()
  return { whole, headless: existsSync(headless) ? headless : whole }
}

/** Makes sure that this Node can be started: from 26 on it is linked against a library that a bare Debian does not have. */
export function startable(node) {
  bring([{ name: 'libatomic1', needed: true, there: () => starts(node, '--version') }])
  return node
}

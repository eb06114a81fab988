// The browser that tests drive. Debian's is taken: nothing is downloaded past the package manager.
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

/** A Chromium that starts: Ubuntu's package of that name is a hint at a snap, and does not without snapd. */
function installed() {
  return places.find(
    (file) => file && existsSync(file) && spawnSync(file, ['--version']).status === 0,
  )
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/** Answers the path of a Chromium, installing it where this is root on Debian or Ubuntu. */
export function chromium() {
  const there = installed()
  if (there) return there
  const byApt = existsSync('/usr/bin/apt-get')
  const packages = ['install', '--yes', '--no-install-recommends', 'chromium']
  if (byApt && process.getuid() === 0) {
    console.log('Installing Chromium, which the tests drive ...')
    // The lists may be missing, or too old to name a file that is still there: then they are fetched, and it is tried again.
    if (!apt('-qq', ...packages) && apt('-qq', 'update')) apt('-qq', ...packages)
    const now = installed()
    if (now) return now
  }
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  const how = byApt
    ? `${sudo}apt-get update && ${sudo}apt-get ${packages.join(' ')} (on Ubuntu: ${sudo}snap install chromium)`
    : process.platform === 'darwin'
      ? 'brew install --cask chromium'
      : 'install it, and set HEARSAY_CHROMIUM to the path of its binary'
  throw new Error(`The tests drive Chromium, and there is none that starts. To install it: ${how}`)
}

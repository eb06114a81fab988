import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** A key and a certificate of this machine's own, made anew in this folder. */
export function selfSigned(folder: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-days', '1', '-keyout', key, '-out', cert],
    ...curve,
    ...names,
  ])
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${String(made.stderr)}`)
  return { key, cert }
}

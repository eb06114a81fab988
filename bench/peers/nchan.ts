import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const nginx = '/usr/sbin/nginx'
const modulePath = '/usr/lib/nginx/modules/ngx_nchan_module.so'

/** Why nchan can't be measured here; null where it can. */
export function nchanMissing(): string | null {
  return existsSync(nginx) && existsSync(modulePath)
    ? null
    : 'nginx with nchan is not installed (Debian: apt-get install libnginx-mod-nchan)'
}

// One worker, as everyone has one core. The buffer holds what a listener that comes back may have missed; what it takes
// is shared memory. Posts come over kept-alive connections without a limit.
const configuration = (port: number, dir: string): string => `
load_module ${modulePath};
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log warn;
events { worker_connections 19000; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  tcp_nodelay on;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 512m;
  nchan_message_buffer_length 2000;
  nchan_message_timeout 10m;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /healthz { return 200 "ok"; }
    location ~ ^/sse/([a-z0-9-]+)$ {
      nchan_subscriber eventsource;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
    }
    location ~ ^/say/([a-z0-9-]+)$ {
      nchan_publisher;
      nchan_channel_id $1;
    }
  }
}
`

/** Writes nginx's configuration into `dir` and answers the command that starts it in the foreground. */
export function nchanCommand(port: number, dir: string): string[] {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'nginx.conf')
  writeFileSync(file, configuration(port, dir))
  return [nginx, '-p', dir, '-e', join(dir, 'error.log'), '-c', file]
}

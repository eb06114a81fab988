/** A stream's text, and the events that it is. */
export interface WireCase {
  readonly name: string
  /** The web-platform test whose behaviour it mirrors. */
  readonly mirrors: string
  readonly text: string
  /** [data, type, lastEventId], the last two where they are not `message` and empty. */
  readonly events: readonly (readonly [data: string, type?: string, lastEventId?: string])[]
  /** What `retry:` made of the reconnection time. */
  readonly retry?: number
}

const tests = 'eventsource/'

export const wireCases: readonly WireCase[] = [
  {
    name: 'one line of data',
    mirrors: `${tests}eventsource-onmessage`,
    text: 'data: a\n\n',
    events: [['a']],
  },
  {
    name: 'a BOM before the first line is dropped',
    mirrors: `${tests}format-bom`,
    text: '\uFEFFdata: 1\n\n\uFEFFdata: 2\n\ndata: 3\n\n',
    events: [['1'], ['3']],
  },
  {
    name: 'only one BOM is dropped',
    mirrors: `${tests}format-bom-2`,
    text: '\uFEFF\uFEFFdata: 1\n\ndata: 2\n\ndata: 3\n\n',
    events: [['2'], ['3']],
  },
  {
    name: 'a BOM alone, then an event',
    mirrors: `${tests}format-bom`,
    text: '\uFEFF\n\ndata: a\n\n',
    events: [['a']],
  },
  {
    name: 'lines that begin with a colon are comments',
    mirrors: `${tests}format-comments`,
    text: `data: 1\r:\0\n: ${'x'.repeat(2049)}\rdata: 2\n:\ndata: 3\n:data: fail\n:${'x'.repeat(2049)}\ndata: 4\n\n`,
    events: [['1\n2\n3\n4']],
  },
  {
    name: 'a block without data is no event',
    mirrors: `${tests}format-data-before-final-empty-line`,
    text: 'retry: 1000\ndata: test1\n\nid: test\ndata: test2',
    events: [['test1']],
    retry: 1000,
  },
  {
    name: 'data without a colon is an empty line',
    mirrors: `${tests}format-field-data`,
    text: 'data:\n\ndata\ndata\n\ndata:test\n\n',
    events: [[''], ['\n'], ['test']],
  },
  {
    name: 'an empty event type is the default one',
    mirrors: `${tests}format-field-event-empty`,
    text: 'event: \ndata: data\n\n',
    events: [['data']],
  },
  {
    name: 'an event type is for one event',
    mirrors: `${tests}format-field-event`,
    text: 'event: test\ndata: x\n\ndata: x\n\n',
    events: [['x', 'test'], ['x']],
  },
  {
    name: 'the last of several types counts',
    mirrors: `${tests}format-field-event`,
    text: 'event: a\nevent: b\ndata: x\n\n',
    events: [['x', 'b']],
  },
  {
    name: 'an id stays until the next one',
    mirrors: `${tests}format-field-id-2`,
    text: 'id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\nid\ndata: d\n\n',
    events: [['a', 'message', '1'], ['b', 'message', '1'], ['c', 'message', '2'], ['d']],
  },
  {
    name: 'an id that is not ASCII',
    mirrors: `${tests}format-field-id`,
    text: 'id: …\ndata: a\n\n',
    events: [['a', 'message', '…']],
  },
  {
    name: 'an id with a NUL is no id',
    mirrors: `${tests}format-field-id-null`,
    text: 'id: ok\ndata: a\n\nid: \0\ndata: b\n\nid: x\0y\ndata: c\n\n',
    events: [
      ['a', 'message', 'ok'],
      ['b', 'message', 'ok'],
      ['c', 'message', 'ok'],
    ],
  },
  {
    name: 'an id without data is taken, and is no event',
    mirrors: `${tests}format-field-id-3`,
    text: 'id: 7\n\ndata: a\n\n',
    events: [['a', 'message', '7']],
  },
  {
    name: 'of a block that was not ended the id is not taken',
    mirrors: `${tests}format-field-id-3`,
    text: 'data: a\n\nid: 7\ndata: b\n',
    events: [['a']],
  },
  {
    name: 'field names are exact',
    mirrors: `${tests}format-field-parsing`,
    text: 'data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n',
    events: [['\0\n 2\n1\n3\n\n4']],
  },
  {
    name: 'unknown fields are ignored',
    mirrors: `${tests}format-field-unknown`,
    text: 'data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n',
    events: [['test\n\ntest']],
  },
  {
    name: 'one space after the colon is dropped, no more',
    mirrors: `${tests}format-leading-space`,
    text: 'data:\ttest\rdata: \ndata:test\n\n',
    events: [['\ttest\n\ntest']],
  },
  {
    name: 'LF, CR and CRLF end lines, mixed',
    mirrors: `${tests}format-newlines`,
    text: 'data:test\r\ndata\ndata:test\r\n\r',
    events: [['test\n\ntest']],
  },
  {
    name: 'CR alone',
    mirrors: `${tests}format-newlines`,
    text: 'data:1\r\rdata:2\r\r',
    events: [['1'], ['2']],
  },
  {
    name: 'CRLF alone',
    mirrors: `${tests}format-newlines`,
    text: 'data:1\r\n\r\ndata:2\r\n\r\n',
    events: [['1'], ['2']],
  },
  {
    name: 'CR CRLF is two ends',
    mirrors: `${tests}format-newlines`,
    text: 'data:1\r\r\ndata:2\n\r\n',
    events: [['1'], ['2']],
  },
  {
    name: 'NUL in data is data',
    mirrors: `${tests}format-null-character`,
    text: 'data:\0\n\n\n\n',
    events: [['\0']],
  },
  {
    name: 'other line breaks of Unicode are none here',
    mirrors: `${tests}format-newlines`,
    text: 'data: a\u2028b\u2029c\u0085d\u000Be\n\n',
    events: [['a\u2028b\u2029c\u0085d\u000Be']],
  },
  {
    name: 'retry takes digits',
    mirrors: `${tests}format-field-retry`,
    text: 'retry:3100\ndata:x\n\n',
    events: [['x']],
    retry: 3100,
  },
  {
    name: 'retry takes leading zeros',
    mirrors: `${tests}format-field-retry`,
    text: 'retry:0300\ndata:x\n\n',
    events: [['x']],
    retry: 300,
  },
  {
    name: 'retry takes nothing else',
    mirrors: `${tests}format-field-retry-bogus`,
    text: 'retry:3000\nretry:1000x\nretry:-1\nretry:1.5\nretry:0x10\nretry:١\nretry: \ndata:x\n\n',
    events: [['x']],
    retry: 3000,
  },
  {
    name: 'retry without a value changes nothing',
    mirrors: `${tests}format-field-retry-empty`,
    text: 'retry:2000\nretry\ndata:test\n\n',
    events: [['test']],
    retry: 2000,
  },
  {
    name: 'UTF-8 of two, three and four bytes',
    mirrors: `${tests}format-utf-8`,
    text: 'data:ok…é😀\n\n',
    events: [['ok…é😀']],
  },
]

import type { ComponentChild } from 'preact'
import { parse, type Block, type Inline } from './parse.ts'

/**
 * A message's text as elements. Never as HTML: there is no string here that a browser would parse.
 * `mention`: the reader's own name. `reach`: the links' place in the tab order.
 */
export function markup(text: string, mention: string | undefined, reach: 0 | -1): ComponentChild[] {
  return parse(text, mention).map((block) => drawBlock(block, reach))
}

function drawBlock(block: Block, reach: 0 | -1): ComponentChild {
  const line = (nodes: readonly Inline[]): ComponentChild[] => nodes.map((n) => draw(n, reach))
  switch (block.kind) {
    case 'paragraph':
      return (
        <p dir="auto">
          {block.lines.map((nodes, at) => (at ? [<br />, ...line(nodes)] : line(nodes)))}
        </p>
      )
    case 'heading':
      return (
        <p dir="auto">
          <strong>{line(block.line)}</strong>
        </p>
      )
    case 'code':
      return (
        // What may scroll has to be reached by keys (WCAG 2.1.1): it does so in the row they have come to.
        <pre dir="ltr" tabIndex={reach}>
          <code>{block.text}</code>
        </pre>
      )
    case 'quote':
      return <blockquote dir="auto">{block.blocks.map((b) => drawBlock(b, reach))}</blockquote>
    case 'list': {
      const items = block.items.map((nodes) => <li>{line(nodes)}</li>)
      return block.start === null ? (
        <ul dir="auto">{items}</ul>
      ) : (
        <ol dir="auto" start={block.start}>
          {items}
        </ol>
      )
    }
  }
}

function draw(node: Inline, reach: 0 | -1): ComponentChild {
  if (typeof node === 'string') return node
  switch (node.kind) {
    case 'strong':
      return <strong>{node.children.map((n) => draw(n, reach))}</strong>
    case 'em':
      return <em>{node.children.map((n) => draw(n, reach))}</em>
    case 'del':
      return <del>{node.children.map((n) => draw(n, reach))}</del>
    case 'code':
      return <code dir="auto">{node.text}</code>
    case 'mention':
      return <mark class="mention">{node.text}</mark>
    case 'link':
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={reach}>
          {node.children.map((n) => draw(n, reach))}
          {node.host && (
            <span class="link-host" dir="ltr">
              {node.host}
            </span>
          )}
        </a>
      )
  }
}

import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { STYLE } from './style.ts'

/** One HTML document that needs nothing else, in the style of all pages. */
export function HtmlDocument({ title, children }: { title: string; children: ComponentChildren }): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>{children}</body>
    </html>
  )
}

/** The text of a file that holds a document. */
export function htmlText(document: VNode): string {
  return `<!doctype html>\n${renderToString(document)}\n`
}

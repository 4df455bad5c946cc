import type { Page } from 'playwright-core'
import { withPage } from './chromium.ts'
import { serve } from './serve.ts'

/** Opens a document; a request of the page that is not its own address fails the test. */
export async function withHtml(html: string, body: (page: Page) => Promise<void>): Promise<void> {
  const server = await serve({ '/report.html': html, '/favicon.ico': '' })
  try {
    await withPage(`${server.origin}/report.html`, body)
  } finally {
    await server.close()
  }
}

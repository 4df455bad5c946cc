const RELOADED = 'tab-studio-reloaded'

/**
 * Has the service worker keep all files, so that the page works without a network. On a host that does not isolate the page, it is loaded
 * once more, by then with the headers that threads need.
 */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.MODE === 'development') return
  try {
    await navigator.serviceWorker.register('./service-worker.js', { type: 'module' })
    const { active } = await navigator.serviceWorker.ready
    if (globalThis.crossOriginIsolated || !active || sessionStorage.getItem(RELOADED)) return
    sessionStorage.setItem(RELOADED, 'yes') // once: a browser that does not isolate the page never will
    location.reload()
  } catch {
    // Private windows and pages by plain http have none: the page works, on one thread and with the network only.
  }
}

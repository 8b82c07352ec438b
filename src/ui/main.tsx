/**
 * Starts the page: theme, queries, messages, routes. Loaded by index.html.
 * Invariant: `data-app-ready` stands on the document once the first screen is drawn.
 * Spec: ui 4.10, 8 (`data-app-ready`).
 */
import './mantine.css'
import './tokens.css'
import './page.css'
import './home/home.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api-client.ts'
import { followQueries } from './live/live-queries.ts'
import { pageNonce } from './parts/nonce.ts'
import { router } from './router.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

// Dialogs hold the page behind them by a style of their own; its author reads the nonce here.
Object.assign(globalThis, { __webpack_nonce__: pageNonce() })

const RETRIES_MAX = 2

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) =>
        count < RETRIES_MAX &&
        !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      retryDelay: attempt => 1000 * 2 ** attempt,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
followQueries(client)
const schemes = localStorageColorSchemeManager({ key: 'scamander-theme' })

function App() {
  useEffect(() => document.documentElement.setAttribute('data-app-ready', ''), [])
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={pageNonce}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Notifications position="bottom-right" limit={3} />
      </QueryClientProvider>
    </MantineProvider>
  )
}

const place = document.getElementById('root')
if (place === null) throw new Error('the page has no place for the application')
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

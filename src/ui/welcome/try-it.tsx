/**
 * How to see everything with test servers: they are started by a command of their own, beside this server.
 * Used by the welcome page where the server is no demo.
 * Spec: ui 5.2 (first run).
 */
import { Button, CopyButton, Group, Stack } from '@mantine/core'

const COMMAND = 'scamander demo'

export function TryIt() {
  return (
    <section className="sc-card sc-card-body" aria-label="Try it" data-testid="welcome-try">
      <Stack gap="md">
        <p className="sc-lead">
          Test servers have a command of their own. Run it in a terminal of this machine: it starts
          Cassandra and Kafka, lets real data flow, and prints the address of its page. Nothing of
          this server changes; in a clone of the repository npm start does the same.
        </p>
        <Group gap="sm">
          <code className="sc-mono">{COMMAND}</code>
          <CopyButton value={COMMAND}>
            {({ copied, copy }) => (
              <Button onClick={copy} data-testid="welcome-next">
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </section>
  )
}

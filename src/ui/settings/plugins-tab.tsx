/**
 * The classes of connectors, converters and transforms that this worker has.
 * Shown in the settings; a new connector of a class is one click away for whoever may add one.
 * Spec: ui 5.7 (Plugins).
 */
import { useQuery } from '@tanstack/react-query'
import { pluginsQuery } from '../connectors/connector-queries.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'

export function PluginsTab() {
  const query = useQuery(pluginsQuery)
  const mayAdd = useMay('standard')
  return (
    <section className="sc-card" aria-label="Plugins">
      <Panel query={query} what="the plugins">
        {plugins => (
          <div className="sc-grid-scroll">
            <table className="sc-grid">
              <ColumnHeads columns={['Class', 'Type', 'Version']} acts />
              <tbody>
                {plugins.map(({ class: name, type, version }) => (
                  <tr key={name} data-testid="plugin-row" data-key={name}>
                    <td className="sc-mono sc-wrap">{name}</td>
                    <td>{type}</td>
                    <td>{version}</td>
                    <td>
                      {mayAdd && (
                        <LinkButton
                          size="compact-sm"
                          to="/connectors/new/$plugin"
                          params={{ plugin: name }}
                          aria-label={`Connect: ${name}`}
                        >
                          Connect
                        </LinkButton>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </section>
  )
}

/**
 * The configuration of a connector that exists as the form that its class describes, read or edited.
 * Used by the Config tab.
 * Invariant: what is only read cannot be typed into; name and class stand in no field.
 * Spec: ui 5.4 (config tab).
 */
import { Panel } from '../parts/panel.tsx'
import { ConnectorForm } from './connector-form.tsx'
import type { Config } from './connector-queries.ts'
import { toFormModel } from './form-model.ts'
import { useValidation } from './use-validation.ts'

interface ConfigFormViewProps {
  readonly draft: Config
  readonly onChange: ((draft: Config) => void) | undefined
}

export function ConfigFormView({ draft, onChange }: ConfigFormViewProps) {
  const { query } = useValidation(draft)
  return (
    <Panel query={query} what="the settings of this connector">
      {infos => (
        <fieldset className="sc-form-view sc-form" disabled={onChange === undefined}>
          <ConnectorForm
            model={toFormModel(infos, draft)}
            draft={draft}
            onChange={next => onChange?.(next)}
          />
        </fieldset>
      )}
    </Panel>
  )
}

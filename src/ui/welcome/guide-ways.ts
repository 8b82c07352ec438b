/**
 * The ways of the first run, each with its steps judged by what the server has. Pure.
 * Used by the welcome page and by the strip that leads through the screens.
 * Invariant: what was there before a way was chosen counts for connections and destinations only.
 * Spec: ui 5.2 (first run).
 */
import type { Chosen, Facts, PageAddress, Place, Step, Way } from './guide-model.ts'

export function wayOf(chosen: Chosen, facts: Facts): Way {
  switch (chosen.path) {
    case 'try':
      return tour(chosen)
    case 'backlog':
      return backlog(chosen, facts)
    case 'capture':
      return capture(chosen, facts)
    case 'migrate':
      return migrate(chosen, facts)
    default:
      return stream(chosen, facts)
  }
}

const page = (to: PageAddress): Place => ({ kind: 'page', to })

function backlog(chosen: Chosen, facts: Facts): Way {
  const cassandra = facts.connections.find(one => one.connector === 'cassandra')
  const space = facts.connections.find(one => one.connector === 'backlog')
  const job = facts.jobs
    .filter(one => one.sourceConnector === 'backlog' && isNew(chosen, `job ${one.id}`))
    .at(-1)
  const hasTables = job !== undefined && job.tasks.length > 0
  const last = job?.lastRun?.state
  const toJob = (tab: string): Place =>
    job === undefined
      ? { kind: 'add-job', source: space?.id ?? '' }
      : { kind: 'job', id: job.id, tab }
  return {
    steps: [
      {
        ...{ key: 'cassandra', title: 'Cassandra', verb: 'Connect Cassandra' },
        text: 'Connect the Cassandra that the rows go to.',
        isDone: cassandra !== undefined,
        place: { kind: 'new-connection', of: 'cassandra' },
      },
      {
        ...{ key: 'backlog', title: 'Backlog', verb: 'Connect Backlog' },
        text: 'Connect the Backlog space, with an API key or by signing in.',
        isDone: space !== undefined,
        place: { kind: 'new-connection', of: 'backlog' },
      },
      {
        ...{ key: 'tables', title: 'Tables', verb: job === undefined ? 'Add a job' : 'Add tables' },
        text:
          job === undefined
            ? 'Add a job from Backlog to Cassandra.'
            : 'Add the tables that the job copies.',
        isDone: hasTables,
        place: toJob('task'),
      },
      {
        ...{ key: 'run', title: 'Run', verb: 'Open the job' },
        text: 'Press Run, and see rows and time.',
        isDone: last === 'SUCCESS' || last === 'WARNING',
        place: toJob('overview'),
      },
    ],
    end: {
      text: 'The rows are in Cassandra.',
      verb: 'See the rows',
      place: rows(facts, job?.destination),
    },
  }
}

/** By the form, or from a configuration that was pasted. */
function stream(chosen: Chosen, facts: Facts): Way {
  const isPasted = chosen.path === 'paste'
  const own = facts.connectors.filter(
    one => (isPasted || one.isSink) && isNew(chosen, `connector ${one.name}`),
  )
  // The one that is furthest: several may have been pasted.
  const found = own.toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning))[0]
  const topic = facts.canBrowse ? found?.topic : undefined
  const toIt: Place =
    found === undefined
      ? page(isPasted ? '/connectors/paste' : '/connectors/new')
      : { kind: 'connector', name: found.name, tab: found.isRunning ? 'overview' : 'tasks' }
  const first = isPasted
    ? {
        ...{ key: 'config', title: 'Config', verb: 'Paste a config' },
        text: 'Paste JSON, properties or a curl command, and launch what was read.',
      }
    : {
        ...{ key: 'connector', title: 'Connector', verb: 'Add Connector' },
        text: 'Choose a sink, its topics and where their records go, and launch it.',
      }
  return {
    steps: [
      {
        ...first,
        isDone: found !== undefined,
        place: page(isPasted ? '/connectors/paste' : '/connectors/new'),
      },
      {
        ...{ key: 'running', title: 'Running', verb: 'Open the connector' },
        text: 'It must run; if it failed, the trace says why.',
        isDone: found?.isRunning === true,
        place: toIt,
      },
      {
        ...{ key: 'records', title: 'Records' },
        verb: topic === undefined ? 'Open the connector' : 'Open the topic',
        text: facts.canBrowse
          ? 'Wait for a record, or write one with Produce.'
          : 'Wait for a record, or send one to its topic.',
        isDone: (found?.written ?? 0) > 0,
        place: topic === undefined ? toIt : { kind: 'topic', name: topic },
      },
    ],
    end: streamEnd(facts, found?.isSink !== false, toIt),
  }
}

function streamEnd(facts: Facts, isSink: boolean, toIt: Place): Way['end'] {
  const text = isSink ? 'Records arrive in Cassandra.' : 'Records arrive in Kafka.'
  return isSink && facts.canBrowse
    ? { text, ...seeRows(facts) }
    : { text, verb: 'See the connector', place: toIt }
}

function capture(chosen: Chosen, facts: Facts): Way {
  const channel = facts.channels
    .filter(one => isNew(chosen, `channel ${one.id}`))
    .toSorted((a, b) => Number(b.isDelivering) - Number(a.isDelivering))[0]
  const tab = (name: string): Place => ({ kind: 'capture', tab: name })
  return {
    steps: [
      {
        ...{ key: 'destination', title: 'Destination', verb: 'Create a destination' },
        text: 'A destination is where records of changes go, with the connector that reads it.',
        isDone: facts.destinations > 0,
        place: tab('destinations'),
      },
      {
        ...{ key: 'channel', title: 'Channel', verb: 'Create a channel' },
        text: 'A channel captures one table.',
        isDone: channel !== undefined,
        place: tab('channels'),
      },
      {
        ...{ key: 'change', title: 'Change', verb: 'Watch changes' },
        text: 'Change a row of the table; the record appears in Tail.',
        isDone: channel?.isDelivering === true,
        place: tab('tail'),
      },
    ],
    end: { text: 'Changes become records.', verb: 'Watch changes', place: tab('tail') },
  }
}

function migrate(chosen: Chosen, facts: Facts): Way {
  const clusters = facts.connections.filter(one => one.connector === 'cassandra').length
  const found = facts.migrations.filter(one => isNew(chosen, `migration ${one.name}`)).at(-1)
  const toIt: Place =
    found === undefined ? page('/migrations/new') : { kind: 'migration', name: found.name }
  return {
    steps: [
      {
        ...{ key: 'clusters', title: 'Clusters', verb: 'Connect a cluster' },
        text:
          clusters === 0
            ? 'Connect the cluster that you leave, then the one that you move to.'
            : 'Connect the second cluster: the one that you move to.',
        isDone: clusters >= 2,
        place: { kind: 'new-connection', of: 'cassandra' },
      },
      {
        ...{ key: 'plan', title: 'Plan', verb: 'New migration' },
        text: 'Choose tables and see whether they can be moved.',
        isDone: found !== undefined,
        place: page('/migrations/new'),
      },
      {
        ...{ key: 'checks', title: 'Checks', verb: 'Open the migration' },
        text: 'Phase 0 checks both clusters; when it passes, go on to phase 1.',
        isDone: (found?.phase ?? 0) > 0,
        place: toIt,
      },
    ],
    end: { text: 'The migration is under way.', verb: 'Open the migration', place: toIt },
  }
}

/** Through the demo: nothing has to be done, only looked at. */
function tour({ seen }: Chosen): Way {
  const steps: readonly Omit<Step, 'isDone'>[] = [
    {
      ...{ key: 'flows', title: 'Flows', verb: 'Show Home' },
      text: 'Home shows every flow of this server: where it reads, how fast it is, where it writes.',
      place: page('/'),
    },
    {
      ...{ key: 'connectors', title: 'Connectors', verb: 'Next: Connectors' },
      text: 'Each of these streams between a topic and a table. Open one for its figures and settings.',
      place: page('/connectors'),
    },
    {
      ...{ key: 'capture', title: 'Capture', verb: 'Next: Capture' },
      text: 'Every change of a captured table becomes a record, a moment later.',
      place: { kind: 'capture', tab: 'tail' },
    },
    {
      ...{ key: 'rows', title: 'Rows', verb: 'Next: Rows' },
      text: 'Did it arrive? Choose a table at the left and see its rows.',
      place: page('/data/cassandra'),
    },
  ]
  return {
    // The last that was opened is being looked at.
    steps: steps.map(one => ({ ...one, isDone: seen.slice(0, -1).includes(one.key) })),
    end: {
      text: 'That was all. Now your own: paste a config, or add a connector.',
      ...{ verb: 'Add Connector', place: page('/connectors/new') },
    },
  }
}

function rows(facts: Facts, destination: string | undefined): Place {
  const connection = destination ?? facts.connections.find(one => one.connector === 'cassandra')?.id
  return connection === undefined
    ? { kind: 'new-connection', of: 'cassandra' }
    : { kind: 'tables', connection }
}

/** Tables are seen through a connection; without one it is made first. */
function seeRows(facts: Facts): { readonly verb: string; readonly place: Place } {
  const place = rows(facts, undefined)
  return {
    verb: place.kind === 'tables' ? 'See the rows' : 'Connect Cassandra to see the rows',
    place,
  }
}

function isNew({ before }: Chosen, name: string): boolean {
  return !before.includes(name)
}

/**
 * The form of a table of the catalogue, and the shorthand in which its columns are written.
 * A column is `Name:type` with the payload's member in camel case, or `Name:type=path`; in a path
 * `a.b` descends, `a[].b` is a list, `a#` its length, `@x` a value of the loop.
 * `U(Created)` is the four columns of a user.
 * Used by the files of tables beside this one.
 * Spec: backlog-replication 1.6, 1.7, 1.9.
 */
import type { Json } from '../../backlog/index.ts'

export type ColumnType =
  | 'long'
  | 'int'
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'double'
  | 'date'
  | 'timestamp'
  | 'json'
  | 'list<long>'
  | 'list<int>'
  | 'list<string>'

export interface CatalogueColumn {
  readonly name: string
  readonly type: ColumnType
  readonly path: string
}

/** What is looped over before the resource is asked. */
export type Iteration =
  | 'space'
  | 'project'
  | 'directory'
  | 'repository'
  | 'pull-request'
  | 'issue'
  | 'wiki'
  | 'user'

export type Method =
  | 'FULL'
  | 'FULL-HASH'
  | 'UPDATED-DATE'
  | 'UPDATED-SORT'
  | 'CHILD-OF-CHANGED'
  | 'PR-SCAN'
  | 'MIN-ID'
  | 'MIN-ID + WINDOW'
  | 'MIN-VERSION'
  | 'LIST-DIFF'
  | 'WITH-PARENT'

export interface CatalogueTable {
  readonly name: string
  readonly kind: 'table' | 'derived' | 'extra'
  readonly method: Method
  /** Below `/api/v2`; names in braces are filled by the loop. */
  readonly path: string
  readonly iteration: Iteration
  readonly paging: 'none' | 'offset' | 'id' | 'single'
  readonly params?: Readonly<Record<string, string>>
  /** Derived: the table whose payload holds the rows, and the member. */
  readonly parent?: string
  readonly member?: string
  /** Derived: what has the member's entries whole, where the payload does not. */
  readonly detail?: string
  /** Columns that identify a row; the first `partition` of them make the partition key. */
  readonly key: readonly string[]
  readonly partition: number
  /** The last column of the key is kept from high to low. */
  readonly isDescending?: boolean
  /** Derived and issue tables: the columns that name the parent row. */
  readonly parentKey?: readonly string[]
  readonly check?: string
  /** Columns that a new task leaves out. */
  readonly off?: readonly string[]
  /** Spaces without this resource answer that it does not exist. */
  readonly isOptional?: boolean
  /** The rows of one answer or, of a derived table, of one payload of its parent. */
  readonly rows?: (payload: Json) => readonly Json[]
  readonly columns: readonly CatalogueColumn[]
}

export type Given = Omit<CatalogueTable, 'columns' | 'name' | 'partition' | 'key'>

export function table(
  name: string,
  given: Given,
  shape: { key: string; columns: string; partition?: number },
): CatalogueTable {
  const columns = shape.columns.replace(/U\((\w+)\)/g, (_, prefix: string) => userColumns(prefix))
  const key = shape.key.split(' ')
  return {
    name,
    ...given,
    key,
    partition: shape.partition ?? 1,
    columns: columns.trim().split(/\s+/).map(toColumn),
  }
}

function userColumns(prefix: string): string {
  const member = `${prefix.charAt(0).toLowerCase()}${prefix.slice(1)}User`
  return [
    ['UserId', 'long', 'id'],
    ['UserUserId', 'string', 'userId'],
    ['UserName', 'string', 'name'],
    ['UserMailAddress', 'string', 'mailAddress'],
  ]
    .map(([name, type, of]) => `${prefix}${name}:${type}=${member}.${of}`)
    .join(' ')
}

function toColumn(text: string): CatalogueColumn {
  const [, name = '', type = '', path] = /^(\w+):([\w<>]+)(?:=(.+))?$/.exec(text) ?? []
  return {
    name,
    type: type as ColumnType,
    path: path ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  }
}

export function childOf(parent: string, member: string, key: readonly string[]): Given {
  return {
    kind: 'derived',
    method: 'WITH-PARENT',
    path: '',
    iteration: 'space',
    paging: 'none',
    parent,
    member,
    parentKey: key,
  }
}

export const PROJECT_LIST = {
  kind: 'table',
  method: 'FULL-HASH',
  iteration: 'project',
  paging: 'none',
} as const
export const SPACE_LIST = {
  kind: 'table',
  method: 'FULL-HASH',
  iteration: 'space',
  paging: 'none',
} as const

export const STAMPS = 'U(Created) Created:timestamp U(Updated) Updated:timestamp'
export const USER =
  'UserId:long=id UserUserId:string=userId UserName:string=name RoleType:int Lang:string MailAddress:string LastLoginTime:timestamp'
export const MEMBER =
  'UserId:long=id UserUserId:string=userId UserName:string=name UserRoleType:int=roleType UserMailAddress:string=mailAddress'
export const FILE = `Id:long Type:string Dir:string Name:string Size:long ${STAMPS}`
export const ATTACHMENT = 'Id:long Name:string Size:long U(Created) Created:timestamp'
export const STAR =
  'Id:long Comment:string Url:string Title:string PresenterId:long=presenter.id PresenterName:string=presenter.name Created:timestamp'
export const CHANGE =
  'Position:int=@position Field:string NewValue:string OriginalValue:string AttachmentId:long=attachmentInfo.id AttachmentName:string=attachmentInfo.name AttributeId:long=attributeInfo.id AttributeTypeId:string=attributeInfo.typeId NotificationType:string=notificationInfo.type'
export const NOTICE =
  'Id:long AlreadyRead:boolean Reason:int ResourceAlreadyRead:boolean UserId:long=user.id UserName:string=user.name'

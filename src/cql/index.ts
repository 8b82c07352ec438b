/**
 * The door of the protocol room: Apache Cassandra's native protocol v3, v4 and v5, both directions.
 * Ladder without a cycle: primitive < compress < segment < frame < type < message, codec; token.
 * No sockets here: connections, pools and retries live in the rooms that import this one.
 */

export { type CellRange, type Codec, readCell, writeCell } from './codec/codec.ts'
export { codecFor } from './codec/codec-for.ts'
export type { Compressor, DecompressRange } from './compress/compressor.ts'
export { compressorByName } from './compress/compressors.ts'
export { lz4 } from './compress/lz4.ts'
export { snappy } from './compress/snappy.ts'
export { CQL_ERRORS } from './errors.ts'
export {
  FrameAssembler,
  type FrameAssemblerOptions,
  type OnFrame,
} from './frame/frame-assembler.ts'
export { compressFrame, decompressFrame } from './frame/frame-compression.ts'
export { FRAME_HEADER_BYTES, FrameView, readFrameHeader } from './frame/frame-view.ts'
export { beginFrame, endFrame, type FrameHeader, setFrameStream } from './frame/frame-writer.ts'
export {
  EVENT_STREAM,
  FRAME_FLAG,
  OPCODE,
  type OpcodeName,
  opcodeName,
  STREAM_ID_MAX,
} from './frame/opcode.ts'
export * from './message/batch.ts'
export { CellCursor } from './message/cell-cursor.ts'
export * from './message/error.ts'
export { ERROR_CODE, type ErrorCodeName, errorCodeName } from './message/error-code.ts'
export type { EventMessage } from './message/event.ts'
export type { ExecuteMessage } from './message/execute.ts'
export type * from './message/message.ts'
export { decodeBody, encodeBody } from './message/message.ts'
export * from './message/message-frame.ts'
export type { ColumnSpec, RowsMetadata, VariablesMetadata } from './message/metadata.ts'
export type { PrepareMessage } from './message/prepare.ts'
export type { PreparedResult } from './message/prepared.ts'
export type { QueryMessage } from './message/query.ts'
export type { QueryParameters, RequestTail } from './message/query-parameters.ts'
export { QUERY_FLAG, writeValues } from './message/query-parameters.ts'
export { RESULT_KIND, type ResultMessage } from './message/result.ts'
export { type RowsResult, rowsOf } from './message/rows.ts'
export type { SchemaChange } from './message/schema-change.ts'
export type { StartupMessage } from './message/startup.ts'
export type { SupportedMessage } from './message/supported.ts'
export * from './message/write-path.ts'
export * from './primitive/byte-reader.ts'
export {
  CONSISTENCY,
  type ConsistencyCode,
  type ConsistencyName,
  consistencyCode,
  consistencyName,
} from './primitive/consistency.ts'
export { formatInet, parseInet } from './primitive/inet-address.ts'
export {
  isProtocolVersion,
  PROTOCOL_VERSIONS,
  type ProtocolVersion,
} from './primitive/protocol-version.ts'
export * from './primitive/structures.ts'
export { formatUuid, readUuid, writeUuidText } from './primitive/uuid.ts'
export * from './primitive/vint.ts'
export * from './primitive/writers.ts'
export { SegmentWriter } from './segment/segment-writer.ts'
export { murmur3Token, type Token } from './token/murmur3-token.ts'
export { partitionKeyOf, writeKeyComponent } from './token/partition-key.ts'
export { compareTokens, tokenFromBigint, tokenToBigint } from './token/token-order.ts'
export type * from './type/cql-type.ts'
export type { CqlValue } from './type/cql-value.ts'
export { parseMarshalClass, toMarshalClass } from './type/marshal-class.ts'
export { readTypeOption, writeTypeOption } from './type/type-option.ts'
export { fixedBytesOf, freezeType, isSameEncoding } from './type/type-shape.ts'
export { formatCqlType, parseCqlType, type UdtLookup } from './type/type-text.ts'

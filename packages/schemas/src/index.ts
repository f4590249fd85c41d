export { validated } from './validated.ts'
export { registrySerializer, type RegistrySerializer } from './registry-serializer.ts'
export { withSchema, type SchemaOptions, type SchemaRegistry } from './with-schema.ts'

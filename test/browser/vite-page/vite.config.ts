import { defaultClientConditions, defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  logLevel: 'warn',
  resolve: { conditions: ['@tab/source', ...defaultClientConditions] },
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
})
export default config

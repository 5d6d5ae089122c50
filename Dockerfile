# What the app needs to run, without what it takes to work on it.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV APP_ENV=production NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY scripts/preload.cjs scripts/warm-cache.ts ./scripts/
COPY src ./src

# The files belong to root, and the app runs as somebody who cannot change them. The compile cache
# alone is that user's, because Node keeps one per user: it is filled here and only read later.
RUN install -d -o node -g node node_modules/.cache
USER node
RUN ["node", "--require", "./scripts/preload.cjs", "scripts/warm-cache.ts"]

EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# Node itself, not npm, so that it gets the signals. Neither a debugger nor a crash report may read
# the environment.
CMD ["node", "--disable-sigusr1", "--report-exclude-env", "--require", "./scripts/preload.cjs", "src/server.ts"]

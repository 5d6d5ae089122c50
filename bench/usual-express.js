// What many apps do: headers, sessions and the access log mounted for every request.
import express from 'express';
import session from 'express-session';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';

const app = express();
app.use(pinoHttp());
app.use(helmet());
app.use(session({ secret: 'usual', resave: false, saveUninitialized: false }));
app.get('/livez', (_req, res) => {
  res.json({ status: 'ok' });
});
app.get('/api/greetings', (req, res) => {
  res.json({ greeting: `Hello, ${req.query.name}!` });
});
app.listen(Number(process.env.PORT), '127.0.0.1');

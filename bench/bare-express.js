// The yardstick: Express with a route and nothing else.
import express from 'express';

const app = express();
app.get('/livez', (_req, res) => {
  res.json({ status: 'ok' });
});
app.get('/api/greetings', (req, res) => {
  res.json({ greeting: `Hello, ${req.query.name}!` });
});
app.listen(Number(process.env.PORT), '127.0.0.1');

// The yardstick: Express with one route and nothing else.
import express from 'express';

const app = express();
app.get('/livez', (_req, res) => {
  res.json({ status: 'ok' });
});
app.listen(Number(process.env.PORT), '127.0.0.1');

// The orders filter with Polars for node: lazy and streaming, every column as
// text, all threads, the order of rows kept.
//
//   polars_filter.js MODULE IN OUT
const [, , module_, source, target] = process.argv;
const pl = require(module_);

const dropped = pl.col("Status").str.strip().str.toLowerCase()
  .isIn(["pending", "cancelled"]);
const young = pl.col("OrderDate").gt(pl.lit("2025-04-10"));

pl.scanCSV(source, {inferSchemaLength: 0})
  .filter(dropped.not().or(young))
  .sinkCSV(target, {maintainOrder: true})
  .collectSync({streaming: true});

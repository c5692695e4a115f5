"""The maths. Models call the ops of `yunqi.ops.table`; `naive` is the truth that every other backend must equal."""

/** What the bodies of the control API for items and for flows share. */
import { Type } from 'typebox';

export const Luid = Type.Object({ luid: Type.String() });
export const NewSchedule = Type.Object({
  kind: Type.Union([Type.Literal('server'), Type.Literal('cloud')]),
  name: Type.Optional(Type.String({ minLength: 1 })),
  frequency: Type.Optional(Type.Enum(['Hourly', 'Daily', 'Weekly', 'Monthly'])),
  nextRunAt: Type.Union([Type.Integer(), Type.Null()]),
  everyMs: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  state: Type.Optional(Type.Union([Type.Literal('Active'), Type.Literal('Suspended')])),
  incremental: Type.Optional(Type.Boolean()),
});
export const Condition = Type.Enum(['healthy', 'broken', 'flaky', 'queued', 'stuck']);
export const changes = {
  condition: Type.Optional(Condition),
  schedule: Type.Optional(Type.Union([NewSchedule, Type.Null()])),
  skipsRuns: Type.Optional(Type.Boolean()),
  isTaskSuspended: Type.Optional(Type.Boolean()),
};

import { TableauError } from '../../tableau/rest/errors.js';
import type { TableauAdmin } from '../../tableau/rest/admin.js';
import { messageOf, type Finding } from './finding.js';

export const labelCheck = 'labels in Tableau';
const check = labelCheck;

/** Whether labels can be read, as the service does it. Whether our user may set them cannot be known without a change. */
export async function labelsWork(service: TableauAdmin): Promise<Finding> {
  try {
    if (!(await service.canReadLabels()))
      return { check, status: 'ok', message: 'The site has no data source that could be labelled.' };
    const message = 'Readable. Where our user may not set one, the log says so (labels-refused).';
    return { check, status: 'ok', message };
  } catch (error) {
    const isDown = error instanceof TableauError && error.type === 'tableau-unavailable';
    const fix = isDown
      ? 'Wait until Tableau answers again, then repeat this.'
      : 'License Data Management and let the user set labels (docs/labels.md), or take `labels` out of the escalation file.';
    return {
      check,
      status: 'warning',
      message: `${messageOf(error)} Readers are not told; people are paged as before.`,
      fix,
    };
  }
}

/** Links to other systems, by their titles. */
export type Links = Readonly<Record<string, string>>;

/** The title of Temporal's Web UI. */
export const temporalWebUi = 'Temporal Web UI';

/** The list of the workflows of a namespace in Temporal's Web UI, without a trailing slash; null where no such link is known. */
export function workflowsIn({ [temporalWebUi]: webUi }: Links, namespace: string): string | null {
  return webUi === undefined
    ? null
    : `${webUi.replace(/(?<!\/)\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
}

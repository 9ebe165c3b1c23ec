/** Something that the user in front of the machine is told in a corner of the screen. */
export interface Notice {
  /** Something has failed: it is to stay until it was seen, where the system can. */
  readonly isUrgent: boolean;
  readonly title: string;
  readonly text: string;
}

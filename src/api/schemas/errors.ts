import { Type } from 'typebox';
import { component } from './component.js';

/** The body of every answer from 400 on. */
export const ErrorBody = component(
  'Error',
  Type.Object(
    {
      statusCode: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.' }),
      code: Type.String({ description: 'What is wrong, as a word that programs can compare. It stays the same.' }),
      error: Type.String({ description: 'The name of the HTTP status.' }),
      message: Type.String({ description: 'What is wrong and what is allowed, as a sentence for people.' }),
    },
    { description: 'Why a request was refused.' },
  ),
);
